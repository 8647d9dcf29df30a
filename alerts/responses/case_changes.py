"""Changing a case: its state, owner, need, priority, next step, outcome. The session is scoped to the organisation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts.casework.log import add_entry
from alerts.casework.models import EntryKind
from alerts.responses.case_fields import UNCHANGED, CaseReader, Unchanged
from alerts.responses.cases import allow_time, find_open, rank
from alerts.responses.models import Case, CaseState
from registry.audit.services import record
from registry.errors import Conflict, Invalid
from registry.organisations.models import Officer
from registry.organisations.services import actor_of
from registry.people.models import Person
from registry.people.vault import Vault

MOVES: Final[dict[CaseState, frozenset[CaseState]]] = {
    CaseState.OPEN: frozenset({CaseState.IN_PROGRESS, CaseState.CLOSED}),
    CaseState.IN_PROGRESS: frozenset({CaseState.OPEN, CaseState.CLOSED}),
    CaseState.CLOSED: frozenset({CaseState.OPEN}),
}


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
    priority: int | Unchanged | None = UNCHANGED,
    next_step: str | Unchanged | None = UNCHANGED,
    due_at: datetime | Unchanged | None = UNCHANGED,
    outcome: str | Unchanged | None = UNCHANGED,
) -> Case:
    """Change what is given; None clears, and lets the rule decide about the priority. Audited, and logged in the case.

    `owner` is an officer's email address, `need` a short word, `note` free text of up to 2,000 characters, `next_step`
    of up to 300. Raises Invalid with every wrong field, and Conflict for a move that the state doesn't allow.
    """
    session.refresh(case, with_for_update={"of": Case})
    given: dict[str, Any] = {"state": state, "owner": owner, "need": need, "note": note, "priority": priority}
    given |= {"next_step": next_step, "due_at": due_at, "outcome": outcome}
    reader = CaseReader(session, vault, officer, case)
    changes = reader.read(given)
    if reader.errors:
        raise Invalid(reader.errors)
    before = {name: getattr(case, name) for name in _LOGGED}
    if "state" in changes:
        _move(session, case, changes.pop("state"))
    if "priority" in changes:
        case.priority_set = changes["priority"] is not None
        changes["priority"] = changes["priority"] or case.priority
    for name, value in changes.items():
        setattr(case, name, value)
    if "priority" in changes and case.priority != before["priority"] and "due_at" not in changes:
        allow_time(session, case)
    if case.state is not CaseState.CLOSED:
        case.outcome = None
    rank(session, case)
    session.flush()
    changed = [name for name, value in given.items() if value is not UNCHANGED]
    _log_changes(session, officer, case, before, {"note", "next_step"}.intersection(changed))
    record(
        session,
        actor_of(officer),
        "case.update",
        case.public_id,
        {"changed": changed, "state": case.state.value},
    )
    return case


_LOGGED = ("state", "owner", "need", "priority", "due_at", "outcome")


def _log_changes(
    session: Session, officer: Officer, case: Case, before: dict[str, Any], written: Collection[str]
) -> None:
    """One line of what became different; of words only that they were written."""
    changes: dict[str, Any] = {}
    for name, old in before.items():
        new = getattr(case, name)
        if new != old:
            changes[name] = _plain(new)
    for name in sorted(written):
        changes[name] = "written"
    if changes:
        add_entry(session, case, EntryKind.CHANGED, officer, changes)


def _plain(value: Any) -> Any:
    if isinstance(value, Officer):
        return value.name
    return value.isoformat() if isinstance(value, datetime) else value


def _move(session: Session, case: Case, wanted: CaseState) -> None:
    if wanted is case.state:
        return
    if wanted not in MOVES[case.state]:
        raise Conflict("move", f"a case that is {case.state.value} can't become {wanted.value}")
    if case.state is CaseState.CLOSED:
        session.execute(select(Person.id).where(Person.id == case.person_id).with_for_update(key_share=True))
        if find_open(session, case.person_id, case.alert_id):
            raise Conflict(
                "open_already", "the person has another open case for this alert: go on with that one"
            )
    case.state = wanted
    case.closed_at = session.scalar(select(func.now())) if wanted is CaseState.CLOSED else None
