"""A stage for a measurement: a database of its own, an organisation with two officers, and processes to watch."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import psycopg
from sqlalchemy import make_url

from config.database import bind, libpq_address, make_engine
from config.migrate import migrate
from config.runtime import Runtime
from registry.database import unscoped
from registry.organisations.models import Officer, Organisation, Role
from registry.organisations.services import add_officer, create_organisation


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a measurement plays."""

    process: Runtime
    database_url: str
    owner_url: str
    """The same database, for tables that aren't Rollcall's."""
    organisation: Organisation
    author: Officer
    approver: Officer

    def run(self, name: str, settings: dict[str, str]) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """A `rollcall` process on this stage, quiet, until the block ends."""
        return self.run_module("config.cli", settings, name)

    @contextmanager
    def run_module(
        self, module: str, settings: dict[str, str], *arguments: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Any Python module as a process on this stage, until the block ends."""
        environment = os.environ | settings | {"DATABASE_URL": self.database_url, "LOG_LEVEL": "ERROR"}
        child = subprocess.Popen([sys.executable, "-m", module, *arguments], env=environment)
        try:
            yield child
        finally:
            child.terminate()
            child.wait()


@contextmanager
def stage(process: Runtime) -> Iterator[Stage]:
    """Make a database beside the one that is set, and drop it in the end."""
    name = f"rollcall_bench_{os.getpid()}"
    url, owner = (
        make_url(address).set(database=name).render_as_string(hide_password=False)
        for address in (process.database_url, process.owner_url)
    )
    _sql(process.owner_url, f"CREATE DATABASE {name}")
    engine = make_engine(url, statement_timeout=0)
    try:
        migrate(owner, url)
        bind(engine)
        with unscoped() as session:
            organisation = create_organisation(session, process.keyring, "Consulate of Freedonia")
            author = add_officer(session, organisation, "author@example.org", [Role.AUTHOR]).officer
            approver = add_officer(session, organisation, "approver@example.org", [Role.APPROVER]).officer
        yield Stage(process, url, owner, organisation, author, approver)
    finally:
        engine.dispose()
        # The owner may not end the service's connections, and one may be just about to end.
        _sql(process.database_url, _END, {"name": name})
        _sql(process.owner_url, f"DROP DATABASE {name}")


_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %(name)s AND usename = current_user"


def _sql(url: str, statement: str, values: dict[str, str] | None = None) -> None:
    with psycopg.connect(libpq_address(url), autocommit=True) as connection:
        connection.execute(statement, values)
