"""A transaction as console pages need it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from registry.database import Session, scoped
from registry.people.vault import Vault
from registry.web.console.access import current_officer
from registry.web.platform import platform


@contextmanager
def transaction() -> Iterator[tuple[Session, Vault]]:
    """A transaction on the officer's organisation, and its vault."""
    organisation_id = current_officer().organisation_id
    with scoped(organisation_id) as session:
        yield session, Vault.open(session, platform().keyring, organisation_id)
