"""Taking an import a chunk further: who holds it, what was decided, how far it is."""

from __future__ import annotations

import json
from collections import Counter

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry.imports.judging import Verdict
from registry.imports.models import Import, ImportState, RowOutcome

DECIDE = text(
    """
    UPDATE import_rows AS r
    SET outcome = v.outcome, errors = CAST(v.errors AS jsonb), duplicate_of = v.duplicate_of, saved = v.saved,
        sealed_cells = CASE WHEN :wipe THEN NULL ELSE r.sealed_cells END
    FROM unnest(CAST(:numbers AS integer[]), CAST(:outcomes AS text[]), CAST(:errors AS text[]),
                CAST(:duplicate_of AS integer[]), CAST(:saved AS boolean[]))
      AS v (number, outcome, errors, duplicate_of, saved)
    WHERE r.import_id = :import_id AND r.number = v.number
    """
)
SAVING = frozenset({RowOutcome.NEW, RowOutcome.CHANGED})


def take(session: Session, import_id: int, state: ImportState) -> Import | None:
    """The import, held until the transaction ends; None when it isn't in that state or somebody else holds it."""
    return session.scalar(
        select(Import).where(Import.id == import_id, Import.state == state).with_for_update(skip_locked=True)
    )


def note(session: Session, found: Import, verdicts: list[Verdict], *, saved: bool) -> None:
    """Write down a chunk's verdicts and move on. `saved` also wipes the cells."""
    session.execute(
        DECIDE,
        {
            "import_id": found.id,
            "wipe": saved,
            "numbers": [verdict.candidate.number for verdict in verdicts],
            "outcomes": [verdict.outcome.value for verdict in verdicts],
            "errors": [json.dumps(verdict.errors) if verdict.errors else None for verdict in verdicts],
            "duplicate_of": [verdict.duplicate_of for verdict in verdicts],
            "saved": [saved and verdict.outcome in SAVING for verdict in verdicts],
        },
    )
    counts = Counter(found.counts)
    counts.update(verdict.outcome.value for verdict in verdicts)
    counts.subtract(verdict.candidate.before.value for verdict in verdicts)
    found.counts = {
        outcome.value: max(0, counts[outcome.value]) for outcome in RowOutcome if outcome.value != "waiting"
    }
    found.progress += len(verdicts)
    found.cursor = verdicts[-1].candidate.number
