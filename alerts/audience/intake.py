"""Whom an alert is for: area, filters and channels, as given by an officer or a program."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from registry import places
from registry.checking import Checker
from registry.people.intake import read_kind, read_language
from registry.people.models import ChannelName

T = TypeVar("T")
MAX_ITEMS = 500
FILTERS = frozenset({"languages", "nationalities", "kinds", "reached_by"})
TOO_FINE = "people are not located so finely; name the subdivisions (ISO 3166-2) instead"


@dataclass(frozen=True, slots=True)
class AudienceIntake:
    """An audience in normal form.

    An empty filter filters nothing; a country of which subdivisions are named is narrowed to them, another
    counts whole.
    """

    countries: tuple[str, ...]
    channels: tuple[ChannelName, ...]
    subdivisions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    nationalities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    reached_by: tuple[str, ...] = ()
    """Public ids of alerts: exactly those whom one of them has reached, wherever they are now."""

    def area(self) -> dict[str, Any]:
        """As the alert keeps it."""
        return {"countries": list(self.countries), "subdivisions": list(self.subdivisions)}

    def filters(self) -> dict[str, Any]:
        """As the alert keeps them."""
        found = {
            "languages": self.languages,
            "nationalities": self.nationalities,
            "kinds": self.kinds,
            "reached_by": self.reached_by,
        }
        return {name: list(words) for name, words in found.items() if words}


def read_audience(check: Checker, data: Mapping[str, Any], *, all_channels: bool = False) -> AudienceIntake:
    """Read "area", "filters" and "channels"; `all_channels` makes every channel the default."""
    area = _object(check, data, "area", required=True)
    countries = tuple(_each(check, area, "area", "countries", places.normalise_country))
    if not area.get("countries"):  # ISO 3166-2 codes name their country themselves
        countries = _countries_of(area.get("subdivisions"))
    if not countries and not any(error.field.startswith("area") for error in check.errors):
        check.fail("area.countries", "required", "name at least one country")
    subdivisions = tuple(_each(check, area, "area", "subdivisions", partial(_subdivision, countries)))
    for name in ("circle", "polygon"):
        if area.get(name) is not None:
            check.fail(f"area.{name}", "unsupported", TOO_FINE)
    filters = _object(check, data, "filters")
    for name in filters.keys() - FILTERS:
        check.fail(f"filters.{name}"[:80], "unknown", "must be languages, nationalities, kinds or reached_by")
    reached_by = tuple(_each(check, filters, "filters", "reached_by", _alert_id))
    if reached_by and any(filters.get(name) for name in FILTERS - {"reached_by"}):
        check.fail(
            "filters.reached_by", "alone", "goes to exactly those reached: no other filter goes with it"
        )
    return AudienceIntake(
        countries,
        _channels(check, data, all_channels=all_channels),
        subdivisions,
        tuple(_each(check, filters, "filters", "languages", _language)),
        tuple(_each(check, filters, "filters", "nationalities", places.normalise_country)),
        tuple(_each(check, filters, "filters", "kinds", _kind)),
        reached_by,
    )


def _countries_of(subdivisions: object) -> tuple[str, ...]:
    given = subdivisions if isinstance(subdivisions, (list, tuple)) else ()
    found = (places.normalise_country(str(code).partition("-")[0]) for code in given if "-" in str(code))
    return tuple(dict.fromkeys(code for code in found if code))


def _channels(check: Checker, data: Mapping[str, Any], *, all_channels: bool) -> tuple[ChannelName, ...]:
    given = tuple(_each(check, data, "", "channels", _channel))
    if given or any(error.field.startswith("channels") for error in check.errors):
        return tuple(channel for channel in ChannelName if channel in given)
    if all_channels:
        return tuple(ChannelName)
    check.fail("channels", "required", "choose sms, email or both")
    return ()


def _channel(word: str) -> ChannelName | None:
    return next((channel for channel in ChannelName if channel == word.lower()), None)


def _subdivision(countries: tuple[str, ...], word: str) -> str | None:
    found = (places.normalise_subdivision(word, country) for country in countries)
    return next((code for code in found if code), None)


def _language(word: str) -> str | None:
    return read_language(Checker(), {"language": word}) if places.normalise_language(word) else None


def _alert_id(word: str) -> str | None:
    try:
        return str(uuid.UUID(word))
    except ValueError:
        return None


def _kind(word: str) -> str | None:
    check = Checker()
    kind = read_kind(check, {"kind": word})
    return None if check.errors else kind


_WRONG = {
    "countries": ("country", "is not a country of ISO 3166-1"),
    "subdivisions": ("subdivision", "is not a subdivision (ISO 3166-2) of the countries named"),
    "channels": ("channel", "must be sms or email"),
    "languages": ("language", "is not a language tag of BCP 47, such as fr or pt-BR"),
    "nationalities": ("country", "is not a country of ISO 3166-1"),
    "reached_by": ("id", "is not the id of an alert"),
    "kinds": ("characters", "must be a short word such as worker or student"),
}


def _each(
    check: Checker, data: Mapping[str, Any], path: str, name: str, normalise: Callable[[str], T | None]
) -> Iterator[T]:
    given = data.get(name)
    place = f"{path}.{name}" if path else name
    if given is None:
        return
    if not isinstance(given, (list, tuple)):
        check.fail(place, "type", "must be a list")
        return
    if len(given) > MAX_ITEMS:
        check.fail(place, "length", f"at most {MAX_ITEMS}")
        return
    seen: set[T] = set()
    for number, item in enumerate(given):
        word = check.text({"": item}, "", f"{place}.{number}", 120)
        found = normalise(word) if word else None
        if found is not None and found not in seen:
            seen.add(found)
            yield found
        elif found is None and not any(error.field == f"{place}.{number}" for error in check.errors):
            check.fail(f"{place}.{number}", *_WRONG[name])


def _object(
    check: Checker, data: Mapping[str, Any], name: str, *, required: bool = False
) -> Mapping[str, Any]:
    given = data.get(name)
    if isinstance(given, Mapping):
        return given
    if given is not None:
        check.fail(name, "type", "must be an object")
    elif required:
        check.fail(f"{name}.countries", "required", "name at least one country")
    return {}
