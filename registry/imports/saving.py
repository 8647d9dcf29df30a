"""Confirming an import, and saving it chunk by chunk."""

from __future__ import annotations

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.audit.services import record
from registry.errors import Conflict
from registry.imports.judging import Verdict, judge, next_rows
from registry.imports.models import Import, ImportAddress, ImportRow, ImportState
from registry.imports.progress import note, take
from registry.imports.writing import write
from registry.organisations.models import Officer
from registry.organisations.services import actor_of
from registry.people.vault import Vault

ATTEMPTS = 5


def confirm(session: Session, officer: Officer, found: Import) -> None:
    """Let a checked import be saved. Raises Conflict when it isn't one, or was confirmed already."""
    session.refresh(found, with_for_update=True)
    if found.state is not ImportState.CHECKED:
        raise Conflict(
            "not_checked", f"the import is {found.state.value}, and only a checked one can be saved"
        )
    if not session.scalar(select(exists().where(ImportRow.import_id == found.id))):
        raise Conflict("expired", "the rows were kept for a week and are gone: upload the file again")
    found.state, found.progress, found.cursor = ImportState.SAVING, 0, 0
    record(session, actor_of(officer), "import.confirm", found.public_id, dict(found.counts))


def drop(session: Session, officer: Officer, found: Import) -> None:
    """Forget an import that isn't being saved, with all its rows. Raises Conflict."""
    session.refresh(found, with_for_update=True)
    if found.state is ImportState.SAVING:
        raise Conflict("saving", "the import is being saved")
    session.delete(found)
    session.flush()
    record(session, actor_of(officer), "import.drop", found.public_id)


def save_step(session: Session, vault: Vault, import_id: int) -> bool:
    """Save the next chunk; False when there is nothing to save here, or another process is at it.

    Rows are judged afresh, for the registry may have moved since the check. Commit after each step: a chunk is
    saved, its rows say so and the cursor is behind it, or none of it.
    """
    found = take(session, import_id, ImportState.SAVING)
    if found is None:
        return False
    verdicts = _save_chunk(session, vault, found)
    if verdicts:
        note(session, found, verdicts, saved=True)
    if not verdicts or found.progress >= found.rows:
        _finish(session, found)
    session.flush()
    return bool(verdicts)


def _save_chunk(session: Session, vault: Vault, found: Import) -> list[Verdict]:
    candidates = next_rows(session, vault, found)
    for attempt in range(ATTEMPTS):
        verdicts = judge(session, vault, found, candidates, lock=True)
        try:
            with session.begin_nested():
                write(session, vault, verdicts)
        except IntegrityError:  # someone registered one of these contact points since they were looked up
            if attempt == ATTEMPTS - 1:
                raise
        else:
            break
    return verdicts


def _finish(session: Session, found: Import) -> None:
    found.state = ImportState.DONE
    session.execute(delete(ImportAddress).where(ImportAddress.import_id == found.id))
    officer = session.get_one(Officer, found.officer_id)
    record(session, actor_of(officer), "import.done", found.public_id, dict(found.counts))
