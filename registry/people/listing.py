"""Lists of people. Every function expects a session scoped to the organisation."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from registry.people.models import Person, Stay
from registry.people.services import WHOLE


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people; None filters nothing. All in normal form. Country and subdivision must hold for one stay."""

    country: str | None = None
    subdivision: str | None = None
    language: str | None = None


def list_people(
    session: Session, organisation_id: int, wanted: Wanted, after: int = 0, limit: int = 50
) -> list[Person]:
    """Up to `limit` people with all their rows, in the order they came, from the one after number `after` on."""
    query = select(Person).options(*WHOLE).where(Person.organisation_id == organisation_id, Person.id > after)
    if wanted.language:
        query = query.where(Person.language == wanted.language)
    place = [Stay.country == wanted.country] if wanted.country else []
    if wanted.subdivision:
        place.append(Stay.subdivision == wanted.subdivision)
    if place:
        query = query.where(exists().where(Stay.person_id == Person.id, *place))
    return list(session.scalars(query.order_by(Person.id).limit(limit)))
