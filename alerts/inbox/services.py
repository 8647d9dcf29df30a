"""The inbox: every message that needs a person's eyes has an age and an owner until it was read. The session is scoped
to the organisation; `within` is how far an officer sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, or_, select, true, tuple_, update
from sqlalchemy.orm import Session, joinedload

from alerts.lifecycle.models import Alert
from alerts.responses.models import Case, CaseState, Meaning, Reply
from registry.audit.services import record
from registry.errors import Conflict
from registry.organisations.models import Officer
from registry.organisations.services import actor_of
from registry.people.models import Person
from registry.staff.reach import Reach, stays_within

PLEA = or_(Reply.meaning == Meaning.HELP, Reply.case_id.is_not(None))
"""A cry for help, or a word about one."""
RANK = case((PLEA, 0), else_=1)
AMBER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to be read."""

    pleas: int
    others: int
    oldest: timedelta | None
    """Age of the plea, or of the case, that has waited longest."""
    cases: int
    """Cases that nobody has taken."""


def waiting(session: Session, within: Reach = None) -> Waiting:
    """How much waits, for the frame of every page."""
    unread = (
        select(
            func.count().filter(PLEA).label("pleas"),
            func.count().filter(~PLEA).label("others"),
            func.min(Reply.received_at).filter(PLEA).label("since"),
        )
        .where(*_unread(within))
        .subquery()
    )
    untaken = (
        select(func.count().label("cases"), func.min(Case.created_at).label("since"))
        .where(*_untaken(within))
        .subquery()
    )
    oldest = func.now() - func.least(unread.c.since, untaken.c.since)
    query = select(unread.c.pleas, unread.c.others, oldest, untaken.c.cases)
    return Waiting(*session.execute(query.join_from(unread, untaken, true())).one())


def own_cases(session: Session, officer: Officer) -> int:
    """Cases that the officer has taken and that are not closed."""
    query = select(func.count()).where(Case.owner_id == officer.id, Case.state != CaseState.CLOSED)
    return session.scalar(query) or 0


def list_unread(
    session: Session, after: tuple[int, int] | None = None, limit: int = 50, within: Reach = None
) -> Sequence[Reply]:
    """A page of what waits: pleas first, the oldest first; `after` is the last one's rank and id."""
    query = select(Reply).options(*_WHOLE).where(*_unread(within))
    if after is not None:
        query = query.where(tuple_(RANK, Reply.id) > after)
    return session.scalars(query.order_by(RANK, Reply.id).limit(limit)).all()


def rank_of(reply: Reply) -> int:
    """The place of a message's kind in the inbox."""
    return 0 if reply.meaning is Meaning.HELP or reply.case_id is not None else 1


def replies_of(session: Session, person: Person, limit: int = 50) -> Sequence[Reply]:
    """What a person wrote lately, the newest first."""
    query = select(Reply).options(joinedload(Reply.owner)).where(Reply.person_id == person.id)
    return session.scalars(query.order_by(Reply.id.desc()).limit(limit)).all()


def take(session: Session, officer: Officer, person: Person) -> None:
    """An officer takes what a person has written and nobody has read. Raises Conflict when a colleague had it first."""
    rows = session.scalars(
        select(Reply).where(*_unread(None), Reply.person_id == person.id).with_for_update(of=Reply)
    ).all()
    taken = next((row for row in rows if row.owner_id not in (None, officer.id)), None)
    if taken is not None:
        raise Conflict("taken", "A colleague has taken this already: look who owns it.")
    for row in rows:
        row.owner_id = officer.id
    session.flush()
    record(session, actor_of(officer), "inbox.take", person.public_id, {"messages": len(rows)})


def mark_read(session: Session, officer: Officer, person: Person, up_to: int) -> int:
    """What a person wrote, up to and with message number `up_to`, has been read by an officer, who owns it now.

    What came after was not on the officer's screen, and stays unread. Returns how many.
    """
    done = session.scalars(
        update(Reply)
        .where(*_unread(None), Reply.person_id == person.id, Reply.id <= up_to)
        .values(read_at=func.now(), owner_id=officer.id)
        .returning(Reply.id)
    ).all()
    record(session, actor_of(officer), "inbox.read", person.public_id, {"messages": len(done)})
    return len(done)


def tone(age: timedelta, limit: timedelta) -> str:
    """The colour of an age: neutral, warn from five minutes on, bad from `limit` on."""
    if age >= limit:
        return "bad"
    return "warn" if age >= min(AMBER, limit) else "neutral"


def age_of(moment: datetime, now: datetime) -> timedelta:
    """How long ago, never less than nothing."""
    return max(now - moment, timedelta())


_WHOLE = (joinedload(Reply.person).joinedload(Person.key), joinedload(Reply.owner))


def _unread(within: Reach) -> list[ColumnElement[bool]]:
    return [Reply.needs_reading.is_(True), Reply.read_at.is_(None), *stays_within(Reply.person_id, within)]


def _untaken(within: Reach) -> list[ColumnElement[bool]]:
    """Cases without an owner, but for those of exercises."""
    real = or_(Case.alert_id.is_(None), Case.alert_id.in_(select(Alert.id).where(~Alert.exercise)))
    return [
        Case.state != CaseState.CLOSED,
        Case.owner_id.is_(None),
        real,
        *stays_within(Case.person_id, within),
    ]
