"""A case's log: who did what, and when. The session is scoped to the organisation."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from alerts.casework.models import CaseEntry, EntryKind
from alerts.responses.models import Case
from registry.crypto import Unreadable
from registry.organisations.models import Officer
from registry.people.vault import Vault, cipher_of


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, opened. `text` is None where there is none, or while it can't be read."""

    kind: EntryKind
    officer: str | None
    details: dict[str, Any]
    text: str | None
    at: datetime


def add_entry(
    session: Session,
    case: Case,
    kind: EntryKind,
    officer: Officer | None = None,
    details: dict[str, Any] | None = None,
    sealed_text: bytes | None = None,
) -> None:
    """Add a line. `details` hold nothing of the person; what does is sealed by `seal_entry`."""
    session.add(
        CaseEntry(
            organisation_id=case.organisation_id,
            case_id=case.id,
            officer_id=officer.id if officer else None,
            kind=kind,
            details=details or {},
            sealed_text=sealed_text,
        )
    )
    session.flush()


def seal_entry(vault: Vault, case: Case, words: str) -> bytes | None:
    """A line's words, sealed under the key of the case's person."""
    return cipher_of(vault.keys, case.person).seal_text(words, _row(case))


def entries(session: Session, vault: Vault, case: Case, limit: int = 100) -> list[Line]:
    """The latest lines, the newest first."""
    query = select(CaseEntry).options(joinedload(CaseEntry.officer)).where(CaseEntry.case_id == case.id)
    found: Sequence[CaseEntry] = session.scalars(query.order_by(CaseEntry.id.desc()).limit(limit)).all()
    return [
        Line(
            entry.kind,
            entry.officer.name if entry.officer else None,
            entry.details,
            _open(vault, case, entry),
            entry.at,
        )
        for entry in found
    ]


def _open(vault: Vault, case: Case, entry: CaseEntry) -> str | None:
    with suppress(Unreadable):
        return cipher_of(vault.keys, case.person).open_text(entry.sealed_text, _row(case))
    return None


def _row(case: Case) -> bytes:
    return b"case_entries.text:" + case.public_id.bytes
