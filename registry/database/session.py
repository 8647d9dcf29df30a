"""Sessions and the tenancy scope that row-level security reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session as Session
from sqlalchemy.orm import sessionmaker

SessionFactory = sessionmaker(expire_on_commit=False)
"""Bound to an engine by the composition root; unbound until then."""

SCOPE = "rollcall.organisations"
"""The setting that every row-level security policy compares with: an array literal of organisation ids."""


def set_scope(session: Session, *organisation_ids: int) -> None:
    """Let the rest of this transaction see and write rows of these organisations, and of no other."""
    literal = "{" + ",".join(str(int(number)) for number in organisation_ids) + "}"
    session.execute(text("SELECT set_config(:name, :value, true)"), {"name": SCOPE, "value": literal})


@contextmanager
def scoped(*organisation_ids: int) -> Iterator[Session]:
    """One transaction that sees these organisations only; commits at the end, rolls back on an exception."""
    with SessionFactory.begin() as session:
        set_scope(session, *organisation_ids)
        yield session


@contextmanager
def unscoped() -> Iterator[Session]:
    """One transaction that sees no person and no message: for organisations, officers, keys and batches."""
    with SessionFactory.begin() as session:
        yield session
