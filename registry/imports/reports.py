"""What became of an import's rows, for pages, programs and files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.database import get_published
from registry.exports.cells import line
from registry.imports.models import Import, ImportRow, RowOutcome
from registry.imports.reasons import reason

PAGE = 1000


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row. `errors` are codes such as "phone:phone"; `reasons` say the same in English."""

    number: int
    outcome: RowOutcome
    saved: bool
    errors: tuple[str, ...]
    duplicate_of: int | None

    @property
    def reasons(self) -> list[str]:
        """Each error as a sentence; what a duplicate repeats."""
        found = [reason(code) for code in self.errors]
        if self.duplicate_of:
            found.append(f"Repeats a contact of row {self.duplicate_of}.")
        return found


def get_import(session: Session, public_id: object) -> Import:
    """By public id. Raises NotFound also for another organisation's."""
    return get_published(session, Import, public_id)


def list_imports(
    session: Session, organisation_id: int, before: int | None = None, limit: int = 50
) -> list[Import]:
    """Imports of an organisation, the latest first, from the one before number `before` on."""
    query = select(Import).where(Import.organisation_id == organisation_id)
    if before is not None:
        query = query.where(Import.id < before)
    return list(session.scalars(query.order_by(Import.id.desc()).limit(limit)))


def report_rows(
    session: Session, found: Import, outcome: RowOutcome | None = None, after: int = 0, limit: int = 100
) -> list[ReportRow]:
    """Up to `limit` rows, of one outcome or of all, from the one after row number `after` on."""
    query = select(
        ImportRow.number, ImportRow.outcome, ImportRow.saved, ImportRow.errors, ImportRow.duplicate_of
    ).where(ImportRow.import_id == found.id, ImportRow.number > after)
    if outcome is not None:
        query = query.where(ImportRow.outcome == outcome)
    return [
        ReportRow(number, kind, saved, tuple(errors or ()), duplicate_of)
        for number, kind, saved, errors, duplicate_of in session.execute(
            query.order_by(ImportRow.number).limit(limit)
        )
    ]


def report_csv(session: Session, found: Import, outcome: RowOutcome | None = None) -> Iterator[str]:
    """The report as a CSV file, in pieces. It holds row numbers and reasons, and nothing of the rows themselves."""
    yield "\ufeff" + line("row", "outcome", "saved", "reason", "code")
    after = 0
    while rows := report_rows(session, found, outcome, after, PAGE):
        yield "".join(
            line(
                row.number,
                row.outcome.value,
                "yes" if row.saved else "no",
                " ".join(row.reasons),
                " ".join(row.errors),
            )
            for row in rows
        )
        after = rows[-1].number
