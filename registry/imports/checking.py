"""The check: what saving each row would do, without saving anything."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.imports.judging import claim_addresses, judge, next_rows
from registry.imports.models import Import, ImportState
from registry.imports.progress import note, take
from registry.imports.saving import confirm
from registry.organisations.models import Officer
from registry.people.vault import Vault


def check_step(session: Session, vault: Vault, import_id: int) -> bool:
    """Check the next chunk; False when there is nothing to check here, or another process is at it.

    After the last chunk the import is `checked` and waits for an officer, unless it was confirmed with the upload.
    Commit after each step.
    """
    found = take(session, import_id, ImportState.CHECKING)
    if found is None:
        return False
    candidates = next_rows(session, vault, found)
    if not candidates:
        _end(session, found)
        return False
    verdicts = judge(session, vault, found, candidates)
    claim_addresses(session, found, verdicts)
    note(session, found, verdicts, saved=False)
    if found.progress >= found.rows:
        _end(session, found)
    session.flush()
    return True


def _end(session: Session, found: Import) -> None:
    found.state = ImportState.CHECKED
    session.flush()
    if found.confirmed:
        confirm(session, session.get_one(Officer, found.officer_id), found)
