"""Damage to a test's database, mended when the block ends: the next test uses the same one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url

from tests.conftest import run_sql


@contextmanager
def refusing_french(database: str) -> Iterator[None]:
    """A constraint that no code knows of, broken by anybody who speaks French."""
    run_sql(database, "ALTER TABLE people ADD CONSTRAINT never CHECK (language <> 'fr')")
    try:
        yield
    finally:
        run_sql(database, "ALTER TABLE people DROP CONSTRAINT never")


def close(database: str) -> None:
    """The database is away: connections end, and none begins."""
    server, name = os.environ["ROLLCALL_TEST_DATABASE"], make_url(database).database
    run_sql(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    run_sql(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


def reopen(database: str) -> None:
    """It is there again."""
    server, name = os.environ["ROLLCALL_TEST_DATABASE"], make_url(database).database
    run_sql(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@contextmanager
def away(database: str) -> Iterator[None]:
    """The database is away while the block runs."""
    close(database)
    try:
        yield
    finally:
        reopen(database)
