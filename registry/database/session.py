"""Sessions and the tenancy scope that row-level security reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session as Session
from sqlalchemy.orm import sessionmaker

SessionFactory = sessionmaker(expire_on_commit=False)
"""Bound to an engine by the composition root; unbound until then."""

SCOPE = "rollcall.organisations"
"""The setting that every row-level security policy compares with: an array literal of organisation ids."""

_SET = text("SELECT set_config(:name, :value, true)")
_SET_EARLY = text("SELECT set_config(:name, :value, true), set_config('synchronous_commit', 'off', true)")
_ON_DISK = text("SELECT pg_logical_emit_message(true, 'rollcall', '')")
"""A transaction of its own with nothing but this in it: its commit waits for all that was written before."""


def set_scope(session: Session, *organisation_ids: int, early: bool = False) -> None:
    """Let the rest of this transaction see and write rows of these organisations, and of no other.

    `early` is for a session of `early()`, and lets it commit as that says.
    """
    literal = "{" + ",".join(str(int(number)) for number in organisation_ids) + "}"
    session.execute(_SET_EARLY if early else _SET, {"name": SCOPE, "value": literal})


@contextmanager
def scoped(*organisation_ids: int) -> Iterator[Session]:
    """One transaction that sees these organisations only; commits at the end, rolls back on an exception."""
    with SessionFactory.begin() as session:
        set_scope(session, *organisation_ids)
        yield session


@contextmanager
def early() -> Iterator[Session]:
    """One transaction that may commit before it is on disk, so that whoever waits for its locks waits less; the block
    ends once it is, as any other does. The log is written in order: what others commit upon it is on disk no sooner."""
    with SessionFactory.begin() as session:
        yield session
    at_once(_ON_DISK)


@contextmanager
def unscoped() -> Iterator[Session]:
    """One transaction that sees no person and no message: for organisations, officers, keys and batches."""
    with SessionFactory.begin() as session:
        yield session


def at_once(statement: TextClause, values: Mapping[str, object] | None = None) -> None:
    """One statement that is a transaction of its own, in one way to the database and back. It sees no organisation."""
    with SessionFactory() as session:
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(statement, values)
