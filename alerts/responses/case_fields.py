"""Reading the fields of a case as officers and programs give them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum
from typing import Any, Final, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts.responses.models import Case, CaseState, Outcome
from registry.checking import CONTROL
from registry.errors import FieldError
from registry.organisations.models import Officer
from registry.people.vault import Vault, cipher_of

NOTE_LIMIT = 2000
STEP_LIMIT = 300
LATEST_DUE = timedelta(days=90)
E = TypeVar("E", bound=StrEnum)


class Unchanged(Enum):
    """Stands for a field that a change leaves alone, where None would clear it."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


class CaseReader:
    """Reads fields one by one and collects every error on the way."""

    def __init__(self, session: Session, vault: Vault, officer: Officer, case: Case) -> None:
        self.session, self.vault, self.officer, self.case = session, vault, officer, case
        self.errors: list[FieldError] = []

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """By column, what the given fields come to; those unchanged are left out."""
        readers: dict[str, tuple[str, Callable[[Any], Any]]] = {
            "state": ("state", lambda value: self._word("state", CaseState, value)),
            "owner": ("owner", self._owner),
            "need": ("need", self._need),
            "note": ("sealed_note", lambda value: self._sealed("note", value, NOTE_LIMIT, note_row)),
            "priority": ("priority", self._priority),
            "next_step": (
                "sealed_next_step",
                lambda value: self._sealed("next_step", value, STEP_LIMIT, step_row),
            ),
            "due_at": ("due_at", self._due),
            "outcome": ("outcome", lambda value: value and self._word("outcome", Outcome, value)),
        }
        return {
            column: reader(given[name])
            for name, (column, reader) in readers.items()
            if given[name] is not UNCHANGED
        }

    def _fail(self, field: str, code: str, message: str) -> None:
        self.errors.append(FieldError(field, code, message))

    def _word(self, field: str, kind: type[E], text: str) -> E | None:
        try:
            return kind(text.strip().lower().replace(" ", "_").replace("-", "_"))
        except ValueError:
            self._fail(field, "unknown", f"must be one of {', '.join(kind)}")
            return None

    def _owner(self, email: str | None) -> Officer | None:
        if email is None:
            return None
        found = self.session.scalar(
            select(Officer).where(
                func.lower(Officer.email) == email.strip().lower().replace("\0", ""),
                Officer.organisation_id == self.officer.organisation_id,
                Officer.active,
            )
        )
        if found is None:
            self._fail("owner", "unknown", "is not the email address of an officer of yours")
        return found

    def _need(self, text: str | None) -> str | None:
        word = re.sub(r"[\s-]+", "_", (text or "").strip().lower())
        if word and not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", word):
            self._fail("need", "characters", "must be a short word such as medical or shelter")
        return word or None

    def _priority(self, value: int | None) -> int | None:
        if value not in (None, 1, 2, 3):
            self._fail("priority", "range", "must be 1, 2 or 3")
        return value

    def _due(self, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            self._fail("due_at", "timezone", "must say its time zone: Z or such as +02:00 at its end")
        elif value > datetime.now(UTC) + LATEST_DUE:
            self._fail("due_at", "range", f"must be within {LATEST_DUE.days} days")
        return value

    def _sealed(self, field: str, text: str | None, limit: int, row: Callable[[Case], bytes]) -> bytes | None:
        words = (text or "").strip()
        if len(words) > limit:
            self._fail(field, "length", f"must have at most {limit} characters")
        if CONTROL.search(words):
            self._fail(field, "characters", "holds characters that can't be shown")
        return cipher_of(self.vault.keys, self.case.person).seal_text(words, row(self.case))


def note_row(case: Case) -> bytes:
    """Associated data of a case's note."""
    return b"cases.note:" + case.public_id.bytes


def step_row(case: Case) -> bytes:
    """Associated data of a case's next step."""
    return b"cases.next_step:" + case.public_id.bytes


def words_row(case: Case) -> bytes:
    """Associated data of what a person says about their case."""
    return b"cases.words:" + case.public_id.bytes
