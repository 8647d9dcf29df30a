"""Transactions that span organisations: of the dispatcher, of housekeeping, of pages that belong to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.database import unscoped
from registry.database.session import set_scope
from registry.organisations.models import Organisation


def organisation_ids(session: Session) -> list[int]:
    """All organisations, for work that spans them."""
    return list(session.scalars(select(Organisation.id)))


@contextmanager
def everywhere() -> Iterator[Session]:
    """One transaction that sees the rows of every organisation; commits at the end, rolls back on an exception."""
    with unscoped() as session:
        set_scope(session, *organisation_ids(session))
        yield session
