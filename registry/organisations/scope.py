"""Transactions that span organisations: of the dispatcher, of housekeeping, of pages that belong to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry.database import unscoped
from registry.database.session import SCOPE
from registry.organisations.models import Organisation

_EVERYWHERE = text(
    "SELECT set_config(:name, coalesce((SELECT array_agg(id) FROM organisations)::text, '{}'), true)"
)


def organisation_ids(session: Session) -> list[int]:
    """All organisations, for work that spans them."""
    return list(session.scalars(select(Organisation.id)))


@contextmanager
def everywhere() -> Iterator[Session]:
    """One transaction that sees the rows of every organisation; commits at the end, rolls back on an exception."""
    with unscoped() as session:
        session.execute(_EVERYWHERE, {"name": SCOPE})
        yield session
