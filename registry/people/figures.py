"""Counts for the console's start page. Every function expects a session scoped to the organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from registry.people.models import ContactPoint, ContactState, Person, Stay
from registry.staff.reach import Reach, stays_within

FRESH = (timedelta(days=30), timedelta(days=183), timedelta(days=365))


class Place(NamedTuple):
    """A country (ISO 3166-1 alpha-2) and the people who stay in it today."""

    country: str
    people: int
    areas: list[tuple[str, int]]
    """Of them in each subdivision (ISO 3166-2) that is known, the largest first."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a registry holds."""

    people: int
    fresh: tuple[int, int, int, int]
    """People last heard from within 30 days, half a year, a year, and before."""
    unreached: int
    """People none of whose contact points is in use."""
    places: list[Place]
    """The largest first."""
    contacts: dict[ContactState, int]
    """Contact points in each state; every state is named."""


def figures(session: Session, organisation_id: int, within: Reach = None) -> Figures:
    """Count the registry, or as much of it as an officer sees: who has a stay in the countries `within`."""
    ours = Person.organisation_id == organisation_id, *stays_within(Person.id, within)
    since = [func.count().filter(Person.last_seen_at > func.now() - age) for age in FRESH]
    people, *heard = session.execute(select(func.count(), *since).select_from(Person).where(*ours)).one()
    fresh = tuple(now - before for before, now in pairwise((0, *heard, people)))
    in_use = exists().where(ContactPoint.person_id == Person.id, ContactPoint.state == ContactState.ACTIVE)
    unreached = session.scalar(select(func.count()).select_from(Person).where(*ours, ~in_use))
    states = session.execute(
        select(ContactPoint.state, func.count())
        .where(ContactPoint.organisation_id == organisation_id, *stays_within(ContactPoint.person_id, within))
        .group_by(ContactPoint.state)
    )
    counted = dict.fromkeys(ContactState, 0)
    counted.update((state, count) for state, count in states)
    return Figures(people, fresh, unreached or 0, _places(session, organisation_id, within), counted)


def _places(session: Session, organisation_id: int, within: Reach) -> list[Place]:
    """A person with two stays in a country counts once in it, and once in each of its subdivisions."""
    today, number = func.current_date(), func.count(Stay.person_id.distinct())
    rows = session.execute(
        select(Stay.country, Stay.subdivision, func.grouping(Stay.subdivision), number)
        .where(
            Stay.organisation_id == organisation_id,
            or_(Stay.starts.is_(None), Stay.starts <= today),
            or_(Stay.ends.is_(None), Stay.ends >= today),
            *([] if within is None else [Stay.country.in_(within)]),
        )
        .group_by(func.grouping_sets(tuple_(Stay.country), tuple_(Stay.country, Stay.subdivision)))
        .order_by(number.desc(), Stay.country, Stay.subdivision)
    ).all()
    areas: dict[str, list[tuple[str, int]]] = {}
    for country, subdivision, whole, count in rows:
        if subdivision and not whole:
            areas.setdefault(country, []).append((subdivision, count))
    return [Place(country, count, areas.get(country, [])) for country, _, whole, count in rows if whole]
