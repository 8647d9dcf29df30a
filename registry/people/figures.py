"""Counts for the console's start page. Every function expects a session scoped to the organisation."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import distinct, func, or_, select
from sqlalchemy.orm import Session

from registry.people.models import ContactPoint, ContactState, Person, Stay
from registry.staff.reach import Reach, stays_within


@dataclass(frozen=True, slots=True)
class Figures:
    """What a registry holds."""

    people: int
    countries: list[tuple[str, int]]
    """People staying in each country today (ISO 3166-1 alpha-2), the largest first."""
    contacts: dict[ContactState, int]
    """Contact points in each state; every state is named."""


def figures(session: Session, organisation_id: int, within: Reach = None) -> Figures:
    """Count the registry, or as much of it as an officer sees: who has a stay in the countries `within`."""
    people = session.scalar(
        select(func.count())
        .select_from(Person)
        .where(Person.organisation_id == organisation_id, *stays_within(Person.id, within))
    )
    states = session.execute(
        select(ContactPoint.state, func.count())
        .where(ContactPoint.organisation_id == organisation_id, *stays_within(ContactPoint.person_id, within))
        .group_by(ContactPoint.state)
    )
    counted = dict.fromkeys(ContactState, 0)
    counted.update((state, count) for state, count in states)
    return Figures(people or 0, _by_country(session, organisation_id, within), counted)


def _by_country(session: Session, organisation_id: int, within: Reach) -> list[tuple[str, int]]:
    today = func.current_date()
    number = func.count(distinct(Stay.person_id))
    rows = session.execute(
        select(Stay.country, number)
        .where(
            Stay.organisation_id == organisation_id,
            or_(Stay.starts.is_(None), Stay.starts <= today),
            or_(Stay.ends.is_(None), Stay.ends >= today),
            *([] if within is None else [Stay.country.in_(within)]),
        )
        .group_by(Stay.country)
        .order_by(number.desc(), Stay.country)
    )
    return [(country, count) for country, count in rows]
