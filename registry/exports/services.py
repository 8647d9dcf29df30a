"""Asking for an export, confirming it, taking it. Every function expects a session scoped to the organisation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from registry.audit.reading import digest_of_ids
from registry.audit.services import record
from registry.database import get_published
from registry.errors import Conflict, Invalid
from registry.exports.models import Export, ExportState
from registry.exports.purposes import Purpose
from registry.organisations.models import Officer
from registry.organisations.services import actor_of
from registry.people.listing import Wanted, count_people
from registry.staff.reach import reach_of

LIFETIME = timedelta(hours=24)
"""For which it can be confirmed, and then for which it can be taken."""
WHOLE = (joinedload(Export.officer), joinedload(Export.second))


def ask(
    session: Session, officer: Officer, purpose: Purpose, wanted: Wanted, expected: int, limit: int
) -> Export:
    """Ask for the people who match now, as far as the officer sees. Above `limit` rows, those asked for within the last
    day counted in, a second officer must confirm: a long list isn't short for being cut in pieces.

    Raises Invalid, on the field "expected", when it isn't the number of people who match.
    """
    wanted = replace(wanted, within=reach_of(session, officer))
    count, last = count_people(session, officer.organisation_id, wanted)
    if not count:
        raise Invalid.one("expected", "nobody", "nobody matches")
    if expected != count:
        raise Invalid.one("expected", "count", f"{count:,} people match")
    above = count + _asked_lately(session, officer) > limit
    export = Export(
        organisation_id=officer.organisation_id,
        officer_id=officer.id,
        purpose=purpose,
        filters={name: value for name, value in asdict(wanted).items() if value is not None},
        rows=count,
        last_person_id=last,
        above_limit=above,
        state=ExportState.WAITING if above else ExportState.READY,
        expires_at=func.now() + LIFETIME,
    )
    session.add(export)
    session.flush()
    session.refresh(export)
    details = {"purpose": purpose.value, "people": count, "filters": export.filters}
    record(session, actor_of(officer), "export.ask", export.public_id, details)
    return export


def _asked_lately(session: Session, officer: Officer) -> int:
    """Rows of the officer's exports of the last day that were not confirmed by a second one."""
    asked = select(func.coalesce(func.sum(Export.rows), 0)).where(
        Export.officer_id == officer.id, Export.created_at > func.now() - LIFETIME, ~Export.above_limit
    )
    return session.scalar(asked) or 0


def get(session: Session, public_id: str) -> Export:
    """By public id. Raises NotFound also for another organisation's."""
    return get_published(session, Export, public_id, options=WHOLE)


def latest(
    session: Session, organisation_id: int, before: int | None = None, limit: int = 50
) -> list[Export]:
    """Exports from the latest on, those before number `before`."""
    query = select(Export).options(*WHOLE).where(Export.organisation_id == organisation_id)
    if before is not None:
        query = query.where(Export.id < before)
    return list(session.scalars(query.order_by(Export.id.desc()).limit(limit)))


def waiting_for_second(session: Session, officer: Officer) -> int:
    """Exports of other officers that wait to be confirmed, and still may be."""
    query = select(func.count()).where(
        Export.organisation_id == officer.organisation_id,
        Export.officer_id != officer.id,
        Export.state == ExportState.WAITING,
        Export.expires_at > func.now(),
    )
    return session.scalar(query) or 0


def decide(session: Session, officer: Officer, export: Export, *, confirmed: bool, expected: int = 0) -> None:
    """Confirm or refuse another officer's export. Raises Conflict, and Invalid when `expected` isn't its length."""
    if export.officer_id == officer.id:
        raise Conflict("own", "somebody else must confirm your export")
    if confirmed and expected != export.rows:
        raise Invalid.one("expected", "count", f"it has {export.rows:,} rows")
    state = ExportState.READY if confirmed else ExportState.REFUSED
    _move(session, export, ExportState.WAITING, state, second_id=officer.id, expires_at=func.now() + LIFETIME)
    action = "export.confirm" if confirmed else "export.refuse"
    record(session, actor_of(officer), action, export.public_id, {"people": export.rows})


def take(session: Session, officer: Officer, export: Export) -> None:
    """Begin the one download. Raises Conflict."""
    if export.officer_id != officer.id:
        raise Conflict("not_yours", "only who asked for an export can take it")
    count, _ = count_people(
        session, export.organisation_id, Wanted(**export.filters), up_to=export.last_person_id
    )
    if count > export.rows:
        raise Conflict("grown", "more people match than were counted: ask for it again")
    _move(session, export, ExportState.READY, ExportState.DOWNLOADED, downloaded_at=func.now())
    details = {"purpose": export.purpose.value, "people": count}
    record(session, actor_of(officer), "export.download", export.public_id, details)


def note_taken(
    session: Session, officer: Officer, export: Export, written: Sequence[uuid.UUID], *, whole: bool
) -> None:
    """Who went out in the end; not `whole` when the download broke off."""
    details = {"people": len(written), "digest": digest_of_ids(written), "whole": whole}
    record(session, actor_of(officer), "export.delivered", export.public_id, details)


def _move(
    session: Session, export: Export, before: ExportState, after: ExportState, **values: object
) -> None:
    """Only once, also when two try at the same time."""
    moved = session.execute(
        update(Export)
        .where(Export.id == export.id, Export.state == before, Export.expires_at > func.now())
        .values(state=after, **values)
        .returning(Export.id)
    ).all()
    if not moved:
        raise Conflict(
            "over", "this export is no longer waiting for that: it was decided, taken, or its time is over"
        )
    session.refresh(export)
