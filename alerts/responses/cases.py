"""Cases: help that a person asked for. Every function expects a session scoped to the organisation."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, joinedload

from alerts.responses.models import Case, CaseState
from registry.audit.services import record
from registry.checking import CONTROL
from registry.crypto import Unreadable
from registry.errors import Conflict, FieldError, Invalid, NotFound
from registry.organisations.models import Officer
from registry.organisations.services import actor_of
from registry.people.models import Person, Stay
from registry.people.vault import Vault, cipher_of
from registry.staff.reach import Reach

MOVES: Final[dict[CaseState, frozenset[CaseState]]] = {
    CaseState.OPEN: frozenset({CaseState.IN_PROGRESS, CaseState.CLOSED}),
    CaseState.IN_PROGRESS: frozenset({CaseState.OPEN, CaseState.CLOSED}),
    CaseState.CLOSED: frozenset({CaseState.OPEN}),
}
NOTE_LIMIT = 2000


class Unchanged(Enum):
    """Stands for a field that a change leaves alone, where None would clear it."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


def open_case(session: Session, person: Person, alert_id: int | None) -> Case:
    """The person's open case for an alert, or for none; made when there is none."""
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    case = _find_open(session, person.id, alert_id)
    if case is None:
        case = Case(organisation_id=person.organisation_id, person_id=person.id, alert_id=alert_id)
        session.add(case)
        session.flush()
    return case


def get_case(session: Session, public_id: str | uuid.UUID, within: Reach = None) -> Case:
    """By public id, with its person, alert and owner. Raises NotFound also for a person with no stay `within`."""
    try:
        wanted = public_id if isinstance(public_id, uuid.UUID) else uuid.UUID(public_id)
    except ValueError:
        raise NotFound from None
    query = select(Case).options(*_WHOLE).where(Case.public_id == wanted, *_within(within))
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
    query = select(Case).options(*_WHOLE).where(Case.id > after, *_within(within))
    if state is not None:
        query = query.where(Case.state == state)
    if alert_id is not None:
        query = query.where(Case.alert_id == alert_id)
    return session.scalars(query.order_by(Case.id).limit(limit)).all()


def update_case(
    session: Session,
    vault: Vault,
    officer: Officer,
    case: Case,
    *,
    state: str | Unchanged = UNCHANGED,
    owner: str | Unchanged | None = UNCHANGED,
    need: str | Unchanged | None = UNCHANGED,
    note: str | Unchanged | None = UNCHANGED,
) -> Case:
    """Change what is given; None clears. Audited.

    `owner` is an officer's email address, `need` a short word, `note` free text of up to 2,000 characters. Raises
    Invalid with every wrong field, and Conflict for a move that the state doesn't allow.
    """
    session.refresh(case, with_for_update={"of": Case})
    errors: list[FieldError] = []
    changes: dict[str, Any] = {}
    if not isinstance(state, Unchanged):
        changes["state"] = _read_state(errors, state)
    if not isinstance(owner, Unchanged):
        changes["owner"] = _read_owner(session, errors, officer, owner)
    if not isinstance(need, Unchanged):
        changes["need"] = _read_need(errors, need)
    if not isinstance(note, Unchanged):
        changes["sealed_note"] = _seal_note(errors, vault, case, note)
    if errors:
        raise Invalid(errors)
    if "state" in changes:
        _move(session, case, changes.pop("state"))
    for name, value in changes.items():
        setattr(case, name, value)
    session.flush()
    given = {"state": state, "owner": owner, "need": need, "note": note}
    changed = [name for name, value in given.items() if value is not UNCHANGED]
    record(
        session,
        actor_of(officer),
        "case.update",
        case.public_id,
        {"changed": changed, "state": case.state.value},
    )
    return case


def read_note(vault: Vault, case: Case) -> str | None:
    """The officers' note; None while it can't be read."""
    with suppress(Unreadable):
        return cipher_of(vault.keys, case.person).open_text(case.sealed_note, _note_row(case))
    return None


_WHOLE = (joinedload(Case.person).joinedload(Person.key), joinedload(Case.alert), joinedload(Case.owner))


def _within(reach: Reach) -> list[ColumnElement[bool]]:
    if reach is None:
        return []
    return [exists().where(Stay.person_id == Case.person_id, Stay.country.in_(reach))]


def _find_open(session: Session, person_id: int, alert_id: int | None) -> Case | None:
    return session.scalar(
        select(Case).where(
            Case.person_id == person_id,
            Case.alert_id.is_not_distinct_from(alert_id),
            Case.state != CaseState.CLOSED,
        )
    )


def _move(session: Session, case: Case, wanted: CaseState) -> None:
    if wanted is case.state:
        return
    if wanted not in MOVES[case.state]:
        raise Conflict("move", f"a case that is {case.state.value} can't become {wanted.value}")
    if case.state is CaseState.CLOSED:
        session.execute(select(Person.id).where(Person.id == case.person_id).with_for_update(key_share=True))
        if _find_open(session, case.person_id, case.alert_id):
            raise Conflict(
                "open_already", "the person has another open case for this alert: go on with that one"
            )
    case.state = wanted
    case.closed_at = session.scalar(select(func.now())) if wanted is CaseState.CLOSED else None


def _read_state(errors: list[FieldError], text: str) -> CaseState | None:
    try:
        return CaseState(text.strip().lower().replace(" ", "_").replace("-", "_"))
    except ValueError:
        errors.append(FieldError("state", "unknown", f"must be one of {', '.join(CaseState)}"))
        return None


def _read_owner(
    session: Session, errors: list[FieldError], officer: Officer, email: str | None
) -> Officer | None:
    if email is None:
        return None
    found = session.scalar(
        select(Officer).where(
            func.lower(Officer.email) == email.strip().lower().replace("\0", ""),
            Officer.organisation_id == officer.organisation_id,
            Officer.active,
        )
    )
    if found is None:
        errors.append(FieldError("owner", "unknown", "is not the email address of an officer of yours"))
    return found


def _read_need(errors: list[FieldError], text: str | None) -> str | None:
    word = re.sub(r"[\s-]+", "_", (text or "").strip().lower())
    if word and not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", word):
        errors.append(FieldError("need", "characters", "must be a short word such as medical or shelter"))
    return word or None


def _seal_note(errors: list[FieldError], vault: Vault, case: Case, text: str | None) -> bytes | None:
    note = (text or "").strip()
    if len(note) > NOTE_LIMIT:
        errors.append(FieldError("note", "length", f"must have at most {NOTE_LIMIT} characters"))
    if CONTROL.search(note):
        errors.append(FieldError("note", "characters", "holds characters that can't be shown"))
    return cipher_of(vault.keys, case.person).seal_text(note, _note_row(case))


def _note_row(case: Case) -> bytes:
    return b"cases.note:" + case.public_id.bytes
