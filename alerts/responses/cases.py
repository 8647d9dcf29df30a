"""Cases: help that a person asked for. Every function expects a session scoped to the organisation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, joinedload

from alerts.casework.log import add_entry
from alerts.casework.models import EntryKind
from alerts.casework.priority import WITHIN, priority_of
from alerts.lifecycle.models import Alert
from alerts.responses.case_fields import note_row, step_row, words_row
from alerts.responses.models import Case, CaseOrigin, CaseState
from registry.crypto import Unreadable
from registry.errors import NotFound
from registry.organisations.models import Officer
from registry.people.models import Person
from registry.people.vault import Vault, cipher_of
from registry.staff.reach import Reach, stays_within

WORDS_LIMIT = 2000
"""Characters of a person's own words that are kept; the last count."""


def open_case(
    session: Session,
    person: Person,
    alert_id: int | None,
    origin: CaseOrigin = CaseOrigin.ANSWER,
    officer: Officer | None = None,
) -> Case:
    """The person's open case for an alert, or for none; made when there is none. `officer` is who opens it."""
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    case = find_open(session, person.id, alert_id)
    if case is None:
        case = Case(
            organisation_id=person.organisation_id,
            person_id=person.id,
            alert_id=alert_id,
            origin=origin,
            created_at=func.now(),
        )
        session.add(case)
        session.flush()
        rank(session, case)
        add_entry(session, case, EntryKind.OPENED, officer, {"by": origin.value})
    return case


def rank(session: Session, case: Case) -> None:
    """Give a case the priority that its needs call for, unless an officer has set one, and what time that allows."""
    if case.priority_set:
        return
    exercise = bool(case.alert_id and session.get_one(Alert, case.alert_id).exercise)
    before = case.priority
    case.priority = priority_of({*(case.needs or ()), *filter(None, [case.need])}, exercise=exercise)
    if case.due_at is None or case.priority < before:
        allow_time(session, case)
    session.flush()


def allow_time(session: Session, case: Case) -> None:
    """Set when something must have been done, by the priority, from now on."""
    case.due_at = session.scalars(select(func.now() + WITHIN[case.priority])).one()


def get_case(session: Session, public_id: str | uuid.UUID, within: Reach = None) -> Case:
    """By public id, with its person, alert and owner. Raises NotFound also for a person with no stay `within`."""
    try:
        wanted = public_id if isinstance(public_id, uuid.UUID) else uuid.UUID(public_id)
    except ValueError:
        raise NotFound from None
    query = (
        select(Case).options(*_WHOLE).where(Case.public_id == wanted, *stays_within(Case.person_id, within))
    )
    case = session.scalar(query)
    if case is None:
        raise NotFound
    return case


def list_cases(
    session: Session,
    state: CaseState | None = None,
    after: int = 0,
    limit: int = 50,
    alert_id: int | None = None,
    within: Reach = None,
) -> Sequence[Case]:
    """A page of cases, who has waited longest first; `after` is the last one's id, `within` how far one sees."""
    query = select(Case).options(*_WHOLE).where(Case.id > after, *stays_within(Case.person_id, within))
    if state is not None:
        query = query.where(Case.state == state)
    if alert_id is not None:
        query = query.where(Case.alert_id == alert_id)
    return session.scalars(query.order_by(Case.id).limit(limit)).all()


def list_urgent(
    session: Session,
    state: CaseState | None,
    after: tuple[int, int] | None,
    limit: int,
    alert_id: int | None = None,
    within: Reach = None,
    *,
    untaken: bool = False,
) -> Sequence[Case]:
    """A page of cases, the most urgent first, then the oldest; `after` is the last one's priority and id.

    `untaken`: only those that nobody takes care of.
    """
    query = select(Case).options(*_WHOLE).where(*stays_within(Case.person_id, within))
    if after is not None:
        query = query.where(tuple_(Case.priority, Case.id) > after)
    if untaken:
        query = query.where(Case.owner_id.is_(None), Case.state != CaseState.CLOSED)
    if state is not None:
        query = query.where(Case.state == state)
    if alert_id is not None:
        query = query.where(Case.alert_id == alert_id)
    return session.scalars(query.order_by(Case.priority, Case.id).limit(limit)).all()


def cases_of(session: Session, person: Person, limit: int = 20) -> Sequence[Case]:
    """A person's cases, the newest first."""
    query = select(Case).options(*_WHOLE).where(Case.person_id == person.id)
    return session.scalars(query.order_by(Case.id.desc()).limit(limit)).all()


def read_note(vault: Vault, case: Case) -> str | None:
    """The officers' note; None while it can't be read."""
    return _opened(vault, case, case.sealed_note, note_row(case))


def read_next_step(vault: Vault, case: Case) -> str | None:
    """What is to be done next; None while it can't be read."""
    return _opened(vault, case, case.sealed_next_step, step_row(case))


def read_words(vault: Vault, case: Case) -> str | None:
    """What the person says about it; None while it can't be read."""
    return _opened(vault, case, case.sealed_words, words_row(case))


def add_words(vault: Vault, case: Case, said: str) -> None:
    """Keep what the person says about it, after what they said before."""
    before = read_words(vault, case)
    both = f"{before}\n{said}" if before else said
    case.sealed_words = cipher_of(vault.keys, case.person).seal_text(both[-WORDS_LIMIT:], words_row(case))


def _opened(vault: Vault, case: Case, sealed: bytes | None, row: bytes) -> str | None:
    with suppress(Unreadable):
        return cipher_of(vault.keys, case.person).open_text(sealed, row)
    return None


_WHOLE = (joinedload(Case.person).joinedload(Person.key), joinedload(Case.alert), joinedload(Case.owner))


def find_open(session: Session, person_id: int, alert_id: int | None) -> Case | None:
    """The one that is not closed, if there is one."""
    return session.scalar(
        select(Case).where(
            Case.person_id == person_id,
            Case.alert_id.is_not_distinct_from(alert_id),
            Case.state != CaseState.CLOSED,
        )
    )
