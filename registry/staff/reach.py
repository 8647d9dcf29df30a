"""How far an officer sees: everything at headquarters, the people of their host countries at a post."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.errors import Invalid
from registry.organisations.models import Officer, PostCountry
from registry.people.models import Stay

Reach = tuple[str, ...] | None
"""ISO 3166-1 alpha-2 codes; None reaches everywhere."""
NOT_SERVED = "{}: your post does not serve it; headquarters can alert there"


def reach_of(session: Session, officer: Officer) -> Reach:
    """The host countries of the officer's post; None at headquarters."""
    if officer.post_id is None:
        return None
    query = select(PostCountry.country).where(PostCountry.post_id == officer.post_id)
    return tuple(session.scalars(query.order_by(PostCountry.country)))


def sees(session: Session, officer: Officer, countries: Iterable[str]) -> bool:
    """Whether any of these countries, such as those of a person's stays, is within the officer's reach."""
    reach = reach_of(session, officer)
    return reach is None or not set(reach).isdisjoint(countries)


def stays_within(person: InstrumentedAttribute[int], reach: Reach) -> list[ColumnElement[bool]]:
    """Conditions by which the person of that number has a stay within reach; none where it reaches everywhere."""
    if reach is None:
        return []
    return [exists().where(Stay.person_id == person, Stay.country.in_(reach))]


def beyond(session: Session, officer: Officer, countries: Iterable[str]) -> list[str]:
    """Those of these countries that the officer's post does not serve; none at headquarters."""
    return outside(reach_of(session, officer), countries)


def outside(reach: Reach, countries: Iterable[str]) -> list[str]:
    """Those of these countries that are not within reach."""
    return [] if reach is None else sorted(set(countries).difference(reach))


def check_area(session: Session, officer: Officer, countries: Iterable[str]) -> None:
    """Raise Invalid unless an alert's countries are all within the officer's reach."""
    if codes := beyond(session, officer, countries):
        raise Invalid.one("area.countries", "reach", NOT_SERVED.format(", ".join(codes)))
