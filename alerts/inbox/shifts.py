"""Shifts: who is on duty, and the hand-over at the end of one. The session is scoped to the organisation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from alerts.inbox.models import Shift
from alerts.lifecycle.duty import officers_with
from registry.audit.services import record
from registry.checking import CONTROL
from registry.crypto import Unreadable
from registry.crypto.keyring import OrganisationKeys
from registry.database import uuid7
from registry.errors import Conflict, Invalid, NotFound
from registry.organisations.models import Officer, Role
from registry.organisations.services import actor_of

LONGEST = 4000


def begin(session: Session, officer: Officer) -> None:
    """The officer is on duty from now on; twice is once."""
    session.execute(
        insert(Shift)
        .values(public_id=uuid7(), organisation_id=officer.organisation_id, officer_id=officer.id)
        .on_conflict_do_nothing()
    )
    record(session, actor_of(officer), "shift.begin")


def end(session: Session, keys: OrganisationKeys, officer: Officer, note: str) -> None:
    """The officer goes, and leaves a note. Raises Conflict when they are not on duty, Invalid without a note."""
    shift = own(session, officer)
    if shift is None:
        raise Conflict("off_duty", "You are not on duty.")
    words = note.replace("\r\n", "\n").strip()
    if not words:
        raise Invalid.one(
            "note", "required", "write what the next officer must know, if only that all is quiet"
        )
    if len(words) > LONGEST or CONTROL.search(words):
        raise Invalid.one("note", "length", f"must be plain text of at most {LONGEST} characters")
    shift.sealed_note = keys.own.seal(words.encode(), _row(shift))
    shift.ended_at = func.now()
    session.flush()
    record(session, actor_of(officer), "shift.end", shift.public_id)


def take_over(session: Session, officer: Officer, public_id: uuid.UUID) -> None:
    """The officer has read a hand-over note. Raises NotFound."""
    shift = session.scalar(
        select(Shift).where(Shift.public_id == public_id, Shift.ended_at.is_not(None)).with_for_update()
    )
    if shift is None:
        raise NotFound
    if shift.taken_at is None:
        shift.taken_by_id, shift.taken_at = officer.id, func.now()
        session.flush()
        record(session, actor_of(officer), "shift.taken_over", shift.public_id)


def own(session: Session, officer: Officer) -> Shift | None:
    """The officer's own shift, while it lasts."""
    return session.scalar(select(Shift).where(Shift.officer_id == officer.id, Shift.ended_at.is_(None)))


def left(session: Session, limit: int = 10) -> Sequence[Shift]:
    """Hand-overs that nobody has taken yet, the newest first."""
    query = select(Shift).options(joinedload(Shift.officer))
    query = query.where(Shift.ended_at.is_not(None), Shift.taken_at.is_(None))
    return session.scalars(query.order_by(Shift.id.desc()).limit(limit)).all()


def read_note(keys: OrganisationKeys, shift: Shift) -> str | None:
    """The note of a shift that ended."""
    with suppress(Unreadable):
        return keys.own.open(shift.sealed_note, _row(shift)).decode() if shift.sealed_note else None
    return None


def present(session: Session, organisation_id: int) -> Sequence[Officer]:
    """Officers on a shift."""
    query = select(Officer).join(Shift, Shift.officer_id == Officer.id)
    query = query.where(Officer.organisation_id == organisation_id, Officer.active, Shift.ended_at.is_(None))
    return session.scalars(query.order_by(Officer.id)).all()


def on_duty(session: Session, organisation_id: int) -> Sequence[Officer]:
    """The duty list: officers on a shift; when nobody is, all case workers and administrators."""
    return present(session, organisation_id) or officers_with(
        session, organisation_id, Role.CASE_WORKER, Role.ADMINISTRATOR
    )


def _row(shift: Shift) -> bytes:
    return b"shifts.note:" + shift.public_id.bytes
