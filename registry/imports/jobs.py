"""Working on imports beside the pages: any number of processes may, and any may die at any moment."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from registry.crypto import Keyring
from registry.database import scoped
from registry.database.session import set_scope
from registry.imports.checking import check_step
from registry.imports.models import Import, ImportState
from registry.imports.saving import save_step
from registry.organisations.scope import everywhere
from registry.people.vault import Vault

STEPS = {ImportState.CHECKING: check_step, ImportState.SAVING: save_step}


def run_due(keyring: Keyring) -> bool:
    """Take one import one chunk further, in a transaction; False when there is none that nobody works on.

    The lock on the import's row is the claim: it ends with the transaction, or with the process. The import that
    has waited longest comes first, so that a large one doesn't hold up the others.
    """
    taken: tuple[int, int] | None = None
    try:
        with everywhere() as session:
            due = _longest_waiting(session)
            if due is None:
                return False
            taken = (due.organisation_id, due.id)
            set_scope(session, due.organisation_id)
            STEPS[due.state](session, Vault.open(session, keyring, due.organisation_id), due.id)
    except OperationalError:  # the database was away, or had two of us wait for each other: next time
        raise
    except Exception:
        if taken:
            _fail(*taken)
        raise
    return True


def _longest_waiting(session: Session) -> Import | None:
    return session.scalar(
        select(Import)
        .where(Import.state.in_(STEPS))
        .order_by(Import.updated_at, Import.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _fail(organisation_id: int, import_id: int) -> None:
    """Stop an import that can't go on; what is saved stays, and the same file may be uploaded again."""
    with scoped(organisation_id) as session:
        session.execute(
            update(Import).where(Import.id == import_id).values(state=ImportState.FAILED, error="unexpected")
        )
