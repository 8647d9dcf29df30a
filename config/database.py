"""The engine: how every process of Rollcall reaches PostgreSQL."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import Dialect, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from registry.database import SessionFactory

KEEPALIVES = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
"""For the server's side: without them it keeps the locks of a machine that vanished, and with them the dispatcher's
leadership, for the two hours after which operating systems ask by themselves."""
OWN_KEEPALIVES = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""For our side (seconds, and milliseconds): a server that vanished is noticed as soon."""

FRESH = 0.5
"""Seconds for which a connection that was used is believed to be alive."""

APP_ROLE = "rollcall_app"
"""Owns no table; row-level security binds it. The migration makes it, every connection of the application takes it."""


def make_engine(
    url: str, *, pool_size: int = 10, statement_timeout: int = 30, as_owner: bool = False
) -> Engine:
    """An engine whose connections act as the application role. `statement_timeout` in seconds.

    `as_owner` keeps the role of the address, for migrations only.
    """
    options = (
        f"{KEEPALIVES} -c statement_timeout={statement_timeout * 1000} -c idle_in_transaction_session_timeout=60000"
        " -c timezone=UTC -c application_name=rollcall"
        # Counting an audience should read its packed index, and compiling costs more than the counting.
        " -c random_page_cost=1.1 -c jit=off"
    )
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_recycle=1800,
        hide_parameters=True,  # what a statement carries must not reach a log
        connect_args={"options": options, "connect_timeout": 5, **OWN_KEEPALIVES},
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_ping, engine.dialect))
    if not as_owner:
        event.listen(engine, "connect", _take_app_role)
    return engine


def _note_use(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _ping(
    dialect: Dialect, connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """As SQLAlchemy's own pre-ping, but not of a connection that was alive a moment ago: a way to the database and back
    at each transaction costs a tenth of a registration."""
    if time.monotonic() - record.info.get("used_at", time.monotonic()) < FRESH:
        return
    try:
        dialect.do_ping(connection)
    except psycopg.Error as error:
        raise InvalidatePoolError from error


def _take_app_role(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Outside a transaction, so that a rollback doesn't undo it."""
    raw: Any = connection
    before = raw.autocommit
    raw.autocommit = True
    raw.execute(f"SET ROLE {APP_ROLE}")
    raw.autocommit = before


def bind(engine: Engine) -> None:
    """Let every `scoped()` and `unscoped()` block of this process use this engine."""
    SessionFactory.configure(bind=engine)


def libpq_address(url: str) -> str:
    """The address in libpq's own spelling, for a connection outside the pool."""
    address = make_url(url).set(drivername="postgresql")
    theirs = address.normalized_query.get("options", ())
    plain = address.difference_update_query(["options"]).render_as_string(hide_password=False)
    # Not in the address itself: libpq takes the plus sign that stands for a blank there literally.
    return make_conninfo(plain, options=" ".join((KEEPALIVES, *theirs)), **OWN_KEEPALIVES)
