"""Lists of people. Every function expects a session scoped to the organisation."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from registry.people.models import Person, Stay
from registry.people.services import WHOLE
from registry.staff.reach import Reach, stays_within


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people; None filters nothing. All in normal form. Country and subdivision must hold for one stay."""

    country: str | None = None
    subdivision: str | None = None
    language: str | None = None
    within: Reach = None
    """Only those with a stay in one of these countries: as far as the officer sees."""


def list_people(
    session: Session, organisation_id: int, wanted: Wanted, after: int = 0, limit: int = 50
) -> list[Person]:
    """Up to `limit` people with all their rows, in the order they came, from the one after number `after` on."""
    query = select(Person).options(*WHOLE).where(*_conditions(organisation_id, wanted), Person.id > after)
    return list(session.scalars(query.order_by(Person.id).limit(limit)))


def count_people(
    session: Session, organisation_id: int, wanted: Wanted, *, up_to: int | None = None
) -> tuple[int, int]:
    """How many match, and the number of the last of them; those above number `up_to` don't count."""
    query = select(func.count(), func.max(Person.id)).where(*_conditions(organisation_id, wanted))
    if up_to is not None:
        query = query.where(Person.id <= up_to)
    row = session.execute(query).one()
    return row[0], row[1] or 0


def _conditions(organisation_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Person.organisation_id == organisation_id]
    if wanted.language:
        found.append(Person.language == wanted.language)
    found += stays_within(Person.id, wanted.within)
    place = [Stay.country == wanted.country] if wanted.country else []
    if wanted.subdivision:
        place.append(Stay.subdivision == wanted.subdivision)
    if place:
        found.append(exists().where(Stay.person_id == Person.id, *place))
    return found
