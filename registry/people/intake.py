"""What a person may give us, checked the same way for pages, programs and files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from registry import places
from registry.addresses import normalise_email, normalise_phone
from registry.checking import Checker
from registry.people.models import ChannelName

MAX_CONTACTS = 10
MAX_STAYS = 20


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact point in normal form."""

    channel: ChannelName
    address: str


@dataclass(frozen=True, slots=True)
class NewStay:
    """A stay in normal form."""

    country: str
    subdivision: str | None = None
    place: str | None = None
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """A person as given, all in normal form."""

    language: str
    contacts: tuple[NewContact, ...]
    stays: tuple[NewStay, ...]
    nationality: str | None = None
    name: str | None = None
    kind: str | None = None
    household_size: int | None = None
    quiet: bool = False


def earliest_today() -> date:
    """The day it is where the sun is last (UTC−12): whatever lies before it is past everywhere."""
    return (datetime.now(UTC) - timedelta(hours=12)).date()


def read_person(data: Mapping[str, Any], *, since: date | None = None) -> Intake:
    """Check and normalise a whole person in the shape of `POST /people`. Raises Invalid with every error.

    A stay that ended before `since` is an error: someone who tells us where they are has mistyped it.
    """
    check = Checker()
    intake = Intake(
        language=read_language(check, data) or "",
        contacts=read_contacts(check, data.get("contacts")),
        stays=read_stays(check, data.get("stays"), since=since),
        nationality=check.country(data, "nationality", "nationality", required=False),
        name=check.text(data, "name", "name", 120),
        kind=read_kind(check, data),
        household_size=read_household(check, data),
        quiet=check.flag(data, "quiet"),
    )
    check.done()
    return intake


def read_language(check: Checker, data: Mapping[str, Any]) -> str | None:
    """The required language."""
    value = check.text(data, "language", "language", 35)
    if value is None:
        if not any(error.field == "language" for error in check.errors):
            check.fail("language", "required", "choose a language")
        return None
    tag = places.normalise_language(value)
    if tag is None or len(tag) > 16:
        check.fail("language", "language", "is not a language tag of BCP 47, such as fr or pt-BR")
    return tag


def read_kind(check: Checker, data: Mapping[str, Any]) -> str | None:
    """The organisation's own category, a short word such as "worker" or "student"."""
    value = check.text(data, "kind", "kind", 40)
    if value is None:
        return None
    word = re.sub(r"[\s-]+", "_", value.lower())
    if not re.fullmatch(r"[a-z][a-z0-9_]*", word):
        check.fail("kind", "characters", "must be a short word such as worker or student")
    return word


def read_household(check: Checker, data: Mapping[str, Any]) -> int | None:
    """How many people the registration stands for, 1 to 50."""
    value = data.get("household_size")
    if value is None or value == "":
        return None
    try:
        size = int(str(value).strip())
    except ValueError:
        size = 0
    if isinstance(value, (bool, float)) or not 1 <= size <= 50:
        check.fail("household_size", "range", "must be a whole number from 1 to 50")
        return None
    return size


def read_contacts(check: Checker, given: object, path: str = "contacts") -> tuple[NewContact, ...]:
    """One or more contact points."""
    contacts: list[NewContact] = []
    for place, item in _items(check, given, path, "give a phone number or an email address", MAX_CONTACTS):
        contact = read_contact(check, item, place)
        if contact is None:
            continue
        if contact in contacts:
            check.fail(f"{place}.address", "repeated", "is given twice")
        contacts.append(contact)
    return tuple(contacts)


def read_contact(check: Checker, item: Mapping[str, Any], path: str) -> NewContact | None:
    """One contact point; `country`, where given, is how a local phone number is read."""
    word = check.text(item, "channel", f"{path}.channel", 10)
    if word not in set(ChannelName):
        check.fail(f"{path}.channel", "channel", "must be sms or email")
        return None
    address = check.text(item, "address", f"{path}.address", 254)
    if address is None:
        if not any(error.field == f"{path}.address" for error in check.errors):
            check.fail(f"{path}.address", "required", "give a phone number or an email address")
        return None
    channel = ChannelName(word)
    if channel is ChannelName.SMS:
        country = check.country(item, "country", f"{path}.country", required=False)
        if country is None and item.get("country"):
            return None
        normal = normalise_phone(address, country)
        message = "is not a phone number; begin with + and the country code"
    else:
        normal = normalise_email(address)
        message = "is not an email address"
    if normal is None:
        check.fail(f"{path}.address", "phone" if channel is ChannelName.SMS else "email", message)
        return None
    return NewContact(channel, normal)


def read_stays(
    check: Checker, given: object, path: str = "stays", *, since: date | None = None
) -> tuple[NewStay, ...]:
    """One or more stays."""
    stays = []
    for place, item in _items(check, given, path, "say in which country", MAX_STAYS):
        stay = read_stay(check, item, place, since=since)
        if stay:
            stays.append(stay)
    return tuple(stays)


def read_stay(
    check: Checker, item: Mapping[str, Any], path: str, *, since: date | None = None
) -> NewStay | None:
    """One stay: country, and where given subdivision, place, from and until; not ended before `since`."""
    country = check.country(item, "country", f"{path}.country", required=True)
    subdivision = None
    word = check.text(item, "subdivision", f"{path}.subdivision", 80)
    if word and country:
        subdivision = places.normalise_subdivision(word, country)
        if subdivision is None:
            check.fail(
                f"{path}.subdivision", "subdivision", f"is not a subdivision of {country} in ISO 3166-2"
            )
    place = check.text(item, "place", f"{path}.place", 120)
    starts = check.day(item, "from", f"{path}.from")
    ends = check.day(item, "until", f"{path}.until")
    if starts and ends and ends < starts:
        check.fail(f"{path}.until", "order", "must not be before the start")
        return None
    if ends and since and ends < since:
        check.fail(f"{path}.until", "past", "is past")
        return None
    return NewStay(country, subdivision, place, starts, ends) if country else None


def _items(
    check: Checker, given: object, path: str, missing: str, limit: int
) -> Sequence[tuple[str, Mapping[str, Any]]]:
    if not isinstance(given, (list, tuple)) or not given:
        check.fail(path, "required", missing)
        return []
    if len(given) > limit:
        check.fail(path, "length", f"at most {limit}")
        return []
    items = []
    for number, item in enumerate(given):
        if isinstance(item, Mapping):
            items.append((f"{path}.{number}", item))
        else:
            check.fail(f"{path}.{number}", "type", "must be an object")
    return items
