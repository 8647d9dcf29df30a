"""What every process needs before it does anything: settings, services, engine, keys."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from config import embedded
from config.database import bind, make_engine
from config.errors import Misconfigured
from config.logs import configure_logs
from config.migrate import is_current, migrate
from config.roles import may_serve, owns_tables
from config.settings import Settings
from registry.crypto import Keyring, Keystore, Unreadable
from registry.database import unscoped
from registry.organisations.models import Organisation

log = logging.getLogger(__name__)

RIGHTS = (
    "DATABASE_URL signs in as a role that owns the tables: give the service one of its own, and this one to "
    "`rollcall migrate` alone as DATABASE_OWNER_URL"
)
FOREIGN = (
    "DATABASE_URL's role is not admitted here: run `rollcall migrate` with it and with DATABASE_OWNER_URL, the "
    "owner's address"
)


@dataclass(frozen=True, slots=True)
class Runtime:
    """A process's settings, engine and keys."""

    settings: Settings
    engine: Engine
    keyring: Keyring
    database_url: str
    owner_url: str = ""
    """For what makes databases and changes their shape."""
    owns_tables: bool = False
    """Whether `database_url` signs in as a role that could step around row-level security."""

    def start_logs(self) -> None:
        """Of a process that serves, beginning with what an engineer should mend."""
        configure_logs(self.settings.log_level)
        if self.owns_tables:
            log.warning(RIGHTS)


def load_settings() -> Settings:
    """From the environment, else from files of the same names in CREDENTIALS_DIRECTORY (systemd.exec(5)), where a vault
    or systemd puts secrets. Raises Misconfigured with every wrong setting's name."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY") or None
    if folder and not Path(folder).is_dir():
        raise Misconfigured(f"CREDENTIALS_DIRECTORY: there is no folder {folder}")
    try:
        return Settings(_secrets_dir=folder)
    except ValidationError as error:
        raise Misconfigured("; ".join(map(_named, error.errors()))) from None


def _named(error: ErrorDetails) -> str:
    """The setting's name and what is wrong with it; one about several settings names them itself."""
    name = "".join(f"{place}: ".upper() for place in error["loc"][:1])
    return name + error["msg"].removeprefix("Value error, ").removeprefix(name)


def make_keyring(settings: Settings) -> Keyring:
    """From the master key, which must be that of the database this process is bound to. Raises Misconfigured."""
    try:
        keyring = keyring_of(settings)
    except (ValueError, OSError) as error:
        raise Misconfigured(f"the master key can't be used: {error}") from None
    with unscoped() as session:
        first = session.execute(
            select(Organisation.wrapped_key, Organisation.public_id).limit(1)
        ).one_or_none()
    try:
        if first:
            keyring.unwrap_organisation_key(first.wrapped_key, first.public_id.bytes)
    except Unreadable:
        raise Misconfigured(
            "MASTER_KEY is not the one that this registry was made with: nothing in it can be read"
        ) from None
    return keyring


def keyring_of(settings: Settings) -> Keyring:
    """From the settings alone. Raises ValueError and OSError."""
    return Keyring(
        settings.master_key_bytes,
        previous=settings.previous_master_keys,
        keystore=Keystore(settings.keystore_folder),
    )


@contextmanager
def runtime(*, broker: bool = False, statement_timeout: int = 30, pool_size: int = 10) -> Iterator[Runtime]:
    """Settings, engine and keys for as long as the block runs.

    Without DATABASE_URL the embedded database is used: started for as long as the block runs when it isn't up, and
    brought to the newest shape. A database of one's own is only checked: `rollcall migrate` changes it.
    """
    settings = load_settings()
    with embedded.services(
        settings.rollcall_home,
        database=settings.database_url is None,
        broker=broker and settings.broker_address is None,
    ) as services:
        url, owner = addresses(settings, services)
        ready = settings.model_copy(
            update={"database_url": url, "redis_url": settings.redis_url or services.redis_url}
        )
        if settings.database_url is None:
            migrate(owner, url)
        engine = make_engine(url, statement_timeout=statement_timeout, pool_size=pool_size)
        owns_tables = _check(url)
        bind(engine)
        try:
            yield Runtime(ready, engine, make_keyring(settings), url, owner, owns_tables)
        finally:
            engine.dispose()


def addresses(settings: Settings, services: embedded.Services) -> tuple[str, str]:
    """Of the database: as the service signs in, and as the owner of its tables. Raises Misconfigured."""
    if settings.database_owner_url and not settings.database_url:
        raise Misconfigured("DATABASE_OWNER_URL needs DATABASE_URL beside it")
    url = settings.database_url or services.service_url
    owner = settings.database_owner_url or settings.database_url or services.database_url
    if url is None or owner is None:
        raise Misconfigured("no database: set DATABASE_URL")
    return url, owner


def _check(url: str) -> bool:
    """See that the database is there and in shape; tell whether whoever signs in owns its tables."""
    owner = make_engine(url, pool_size=1, as_owner=True)
    try:
        with owner.connect() as connection:
            if not may_serve(connection):
                raise Misconfigured(FOREIGN)
            current, owner_signs_in = is_current(connection), owns_tables(connection)
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise Misconfigured(f"the database can't be reached: {reason}") from None
    finally:
        owner.dispose()
    if not current:
        raise Misconfigured("the database is not in the newest shape: run `rollcall migrate`")
    return owner_signs_in
