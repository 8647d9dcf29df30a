"""Assistance points: where people get help, for messages to name. The session is scoped to the organisation."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from alerts.casework.models import AssistancePoint
from registry.audit.services import record
from registry.checking import Checker
from registry.errors import NotFound
from registry.i18n import mark, translations
from registry.organisations.models import Officer
from registry.organisations.services import actor_of

LIMITS = {"name": 80, "what": 120, "place": 160, "hours": 80}
NO_PAPERS = mark("No identity papers are needed.")
PAPERS = mark("Bring an identity paper.")


def read_point(data: Mapping[str, Any]) -> dict[str, Any]:
    """Check and normalise a point's fields. Raises Invalid with every error."""
    check = Checker()
    found: dict[str, Any] = {"country": check.country(data, "country", "country", required=True)}
    for field, limit in LIMITS.items():
        found[field] = check.text(data, field, field, limit)
        if found[field] is None and not any(error.field == field for error in check.errors):
            check.fail(field, "required", "fill it in: people go by it")
    found["id_needed"] = check.flag(data, "id_needed")
    found["public"] = check.flag(data, "public")
    check.done()
    return found


def save_point(
    session: Session, officer: Officer, data: Mapping[str, Any], point: AssistancePoint | None = None
) -> AssistancePoint:
    """Add a point, or change one. Raises Invalid."""
    found = read_point(data)
    if point is None:
        point = AssistancePoint(organisation_id=officer.organisation_id, **found)
        session.add(point)
    else:
        for name, value in found.items():
            setattr(point, name, value)
    session.flush()
    record(session, actor_of(officer), "point.save", point.public_id)
    return point


def close_point(session: Session, officer: Officer, point: AssistancePoint, *, closed: bool) -> None:
    """No message names it any more; or again."""
    point.closed_at = session.scalar(select(func.now())) if closed else None
    session.flush()
    record(session, actor_of(officer), "point.close" if closed else "point.open", point.public_id)


def get_point(session: Session, public_id: uuid.UUID) -> AssistancePoint:
    """By public id. Raises NotFound."""
    found = session.scalar(select(AssistancePoint).where(AssistancePoint.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def list_points(session: Session, after: int = 0, limit: int = 50) -> Sequence[AssistancePoint]:
    """A page of all points, in the order in which they were added."""
    query = select(AssistancePoint).where(AssistancePoint.id > after)
    return session.scalars(query.order_by(AssistancePoint.id).limit(limit)).all()


def open_points(session: Session, countries: Sequence[str], limit: int = 30) -> Sequence[AssistancePoint]:
    """Points in these countries that messages may name."""
    return session.scalars(_open_in(countries).limit(limit)).all()


def public_points(session: Session, country: str, limit: int = 30) -> Sequence[AssistancePoint]:
    """Points in a country that everyone may see."""
    return session.scalars(_open_in([country]).where(AssistancePoint.public).limit(limit)).all()


def _open_in(countries: Sequence[str]) -> Select[AssistancePoint]:
    query = select(AssistancePoint).where(
        AssistancePoint.closed_at.is_(None), AssistancePoint.country.in_(countries)
    )
    return query.order_by(AssistancePoint.name, AssistancePoint.id)


def words_of(point: AssistancePoint, language: str) -> str:
    """A point as a message names it."""
    papers = translations(language).gettext(PAPERS if point.id_needed else NO_PAPERS)
    return f"{point.name}: {point.what}. {point.place}, {point.hours}. {papers}"
