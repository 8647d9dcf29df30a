"""Inventing people: who they are, where they stay, and how they can be reached."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar

from registry.people.intake import NewStay
from registry.people.models import ContactState, Source
from registry.places import country_codes, subdivisions

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Invented:
    """Someone who does not exist. `has_phone` or `has_email` or both; the states go with them."""

    language: str
    nationality: str | None
    name: str | None
    kind: str | None
    household_size: int | None
    quiet: bool
    paused: bool
    source: Source
    has_phone: bool
    has_email: bool
    state: ContactState
    stays: tuple[NewStay, ...]


class Choice(Generic[T]):
    """Draws from options by their weights."""

    def __init__(self, options: Sequence[tuple[T, float]]) -> None:
        self.options = [option for option, _ in options]
        self.weights = list(accumulate(weight for _, weight in options))

    def draw(self, rng: Random) -> T:
        """One option."""
        return rng.choices(self.options, cum_weights=self.weights)[0]


STATES = Choice(
    [
        (ContactState.ACTIVE, 91),
        (ContactState.UNREACHABLE, 4),
        (ContactState.OPTED_OUT, 3),
        (ContactState.UNCONFIRMED, 2),
    ]
)
SOURCES = Choice([(Source.WEB, 55), (Source.OFFICER, 15), (Source.IMPORT, 25), (Source.API, 5)])
HOUSEHOLDS = Choice([(1, 50), (2, 18), (3, 12), (4, 10), (5, 6), (6, 3), (9, 1)])
REACHED_BY = Choice([((True, False), 70), ((False, True), 12), ((True, True), 18)])


@cache
def _world() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("world.json").read_text("utf-8"))
    return loaded


class Inventor:
    """Invents people in the given countries (ISO 3166-1), or in many; the same seed invents the same people."""

    def __init__(self, seed: int | None, countries: Sequence[str] | None, today: date) -> None:
        self.rng = Random(seed)  # noqa: S311 - nobody to protect
        self.today = today
        hosts = _world()["hosts"]
        chosen = list(dict.fromkeys(countries or hosts))
        unknown = set(chosen) - country_codes()
        if unknown:
            raise ValueError(f"not a country: {', '.join(sorted(unknown))}")
        self.hosts = Choice([(code, hosts.get(code, {}).get("weight", 2)) for code in chosen])
        self.peoples = Choice([(people, people["weight"]) for people in _world()["peoples"]])
        self.kinds = Choice([*_world()["kinds"].items(), (None, 12)])

    def invent(self) -> Invented:
        """One more person."""
        rng = self.rng
        people = self.peoples.draw(rng)
        has_phone, has_email = REACHED_BY.draw(rng)
        return Invented(
            language=people["language"],
            nationality=self._maybe(0.85, rng.choice(people["nationalities"])),
            name=self._maybe(0.8, f"{rng.choice(people['given'])} {rng.choice(people['family'])}"),
            kind=self.kinds.draw(rng),
            household_size=self._maybe(0.7, HOUSEHOLDS.draw(rng)),
            quiet=rng.random() < 0.06,
            paused=rng.random() < 0.02,
            source=SOURCES.draw(rng),
            has_phone=has_phone,
            has_email=has_email,
            state=STATES.draw(rng),
            stays=self._stays(),
        )

    def _maybe(self, share: float, value: T) -> T | None:
        return value if self.rng.random() < share else None

    def _stays(self) -> tuple[NewStay, ...]:
        first = self._stay(self.hosts.draw(self.rng), 0)
        if self.rng.random() < 0.93:
            return (first,)
        return (first, self._stay(self.hosts.draw(self.rng), 30))

    def _stay(self, country: str, from_day: int) -> NewStay:
        """Mostly known to a subdivision; some with dates, from today on or long since."""
        rng = self.rng
        subdivision, place = self._where(country)
        starts = ends = None
        if from_day or rng.random() < 0.3:
            starts = self.today + timedelta(days=from_day + rng.randrange(-700, 1))
            ends = self._maybe(0.5, self.today + timedelta(days=from_day + rng.randrange(20, 700)))
        return NewStay(country, self._maybe(0.85, subdivision), self._maybe(0.6, place), starts, ends)

    def _where(self, country: str) -> tuple[str | None, str | None]:
        known = _world()["hosts"].get(country)
        if known:
            subdivision, place = self.rng.choice(known["places"])
            return str(subdivision), str(place)
        codes = list(subdivisions(country))
        return (self.rng.choice(codes), None) if codes else (None, None)
