"""As whom the service signs in: a role that owns nothing, so that even `RESET ROLE` opens nothing (ASVS 13.2.2)."""

from __future__ import annotations

from psycopg import Connection as Raw
from psycopg import sql
from sqlalchemy import Connection, make_url, text

from config.database import APP_ROLE

OWNED = text(
    "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
    "AND pg_has_role(session_user, relowner, 'MEMBER'))"
)
"""True of a superuser, too."""
ADMITTED = text(
    "SELECT (SELECT pg_has_role(session_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = :role)"
)


def admit(connection: Connection, service_url: str) -> None:
    """Let the role that this address names act as the application; make it, with the address's password, when it's new.

    Raises SQLAlchemy's DBAPIError when the owner may do neither: then a superuser must.
    """
    address = make_url(service_url)
    raw = connection.connection.driver_connection
    assert isinstance(raw, Raw)
    name = address.username or raw.info.user
    if not raw.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).rowcount:
        raw.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(*_named(raw, name, address.password)))
    if not raw.execute("SELECT WHERE pg_has_role(%s, %s, 'MEMBER')", [name, APP_ROLE]).rowcount:
        raw.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP_ROLE), sql.Identifier(name)))


def _named(raw: Raw, name: str, password: str | None) -> tuple[sql.Composable, sql.Composable]:
    """A role's name, and its password as the server keeps it (RFC 5803): a log of statements must not hold it."""
    if not password:
        return sql.Identifier(name), sql.NULL
    kept = raw.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    return sql.Identifier(name), sql.Literal(kept.decode())


def owns_tables(connection: Connection) -> bool:
    """Whether whoever signed in owns tables of the registry, and could step around row-level security."""
    return bool(connection.execute(OWNED).scalar_one())


def may_serve(connection: Connection) -> bool:
    """Whether whoever signed in may act as the application; before the first migration nobody knows."""
    return connection.execute(ADMITTED, {"role": APP_ROLE}).scalar_one() is not False
