"""An import as the API shows it."""

from __future__ import annotations

from typing import Any

from registry.api.access import Call
from registry.api.pages import page_of
from registry.api.problems import WrongField
from registry.imports import models
from registry.imports.api import schemas
from registry.imports.models import RowOutcome
from registry.imports.reasons import reason
from registry.imports.reports import ReportRow, report_rows

REPORTED = 200
"""Rows of the report that come with the import itself."""


def rows_list(found: models.Import) -> str:
    """The name of the list of an import's rows, for its cursors."""
    return f"imports.rows:{found.id}"


def whole(call: Call, found: models.Import, reported: int = REPORTED) -> schemas.Import:
    """An import with the beginning of its report."""
    return schemas.Import(**_common(found), rows=rows(call, found, None, 0, reported))


def summary(found: models.Import) -> schemas.ImportSummary:
    """What a list shows of an import."""
    return schemas.ImportSummary(**_common(found))


def _common(found: models.Import) -> dict[str, Any]:
    return {
        "id": found.public_id,
        "state": found.state,
        "filename": found.filename,
        "total": found.rows,
        "progress": found.progress,
        "counts": {
            kind.value: found.counts.get(kind.value, 0)
            for kind in RowOutcome
            if kind is not RowOutcome.WAITING
        },
        "ignored": found.ignored,
        "error": found.error,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
    }


def rows(
    call: Call, found: models.Import, outcome: RowOutcome | None, after: int, limit: int
) -> schemas.RowsPage:
    """A page of an import's report."""
    page = report_rows(call.session, found, outcome, after, limit + 1)
    shown, following = page_of(call.vault, rows_list(found), page, limit, lambda row: (row.number,))
    return schemas.RowsPage(items=[_row(row) for row in shown], next=following)


def _row(row: ReportRow) -> schemas.RowShown:
    return schemas.RowShown(
        row=row.number,
        outcome=row.outcome,
        saved=row.saved,
        duplicate_of=row.duplicate_of,
        errors=[
            WrongField(field=code.partition(":")[0], code=code.partition(":")[2], message=reason(code))
            for code in row.errors
        ],
    )
