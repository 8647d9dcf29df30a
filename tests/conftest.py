"""Real services for every test: PostgreSQL and Valkey from the embedded parts, a database of its own for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import psycopg
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from pydantic import SecretStr
from redis import Redis
from sqlalchemy.engine import Engine, make_url

from config import embedded
from config.app import create_app
from config.database import bind, make_engine
from config.migrate import migrate
from config.runtime import Runtime
from config.settings import Settings
from registry.crypto import Keyring, Keystore
from registry.events.damper import Damper
from registry.web.platform import Platform
from tests.servers import LiveServer, live

hypothesis.settings.register_profile("steady", derandomize=True, database=None, deadline=None)
hypothesis.settings.register_profile("long", max_examples=400, stateful_step_count=60, deadline=None)
hypothesis.settings.load_profile("steady")
"""The same examples in every run; `--hypothesis-profile=default` looks for new ones, `long` for more of them."""

TEMPLATE = "rollcall_template"
MASTER_KEY = "00" * 32


EMPTY = """
    DO $$ BEGIN
        PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user;
        EXECUTE (SELECT coalesce('TRUNCATE ' || string_agg(oid::regclass::text, ', ') || ' CASCADE', 'SELECT')
                 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                 AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0);
        PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid
        WHERE relnamespace = 'public'::regnamespace AND pg_sequence_last_value(seqrelid) IS NOT NULL;
    END $$
"""
"""What a test leaves behind goes: connections of what it started, rows, numbers. Far quicker than a new database, and
than to empty what is empty already."""


def pytest_configure(config: pytest.Config) -> None:
    """The first process starts the services; the others of pytest-xdist inherit their addresses."""
    if hasattr(config, "workerinput") or "ROLLCALL_TEST_DATABASE" in os.environ:
        return
    stack = ExitStack()
    config.add_cleanup(stack.close)
    home = Path(tempfile.mkdtemp(prefix="rollcall-test-"))
    stack.callback(shutil.rmtree, home, ignore_errors=True)
    settings = Settings()
    services = stack.enter_context(
        embedded.services(
            home, database=not settings.database_url, broker=not settings.redis_url, durable=False
        )
    )
    url = settings.database_url or services.database_url
    template = f"{TEMPLATE}_{os.getpid()}"
    run_sql(url, f"CREATE DATABASE {template}")
    migrate(database_url(url, template))
    stack.callback(run_sql, url, f"DROP DATABASE {template} WITH (FORCE)")
    os.environ["ROLLCALL_TEST_DATABASE"] = url
    os.environ["ROLLCALL_TEST_TEMPLATE"] = template
    os.environ["ROLLCALL_TEST_REDIS"] = settings.redis_url or services.redis_url
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)


def run_sql(url: str, statement: str) -> None:
    """One statement outside any transaction, as the owner."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)


def database_url(url: str, name: str) -> str:
    """The same server, another database."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def own_database() -> Iterator[str]:
    """The address of a migrated database of this process's own."""
    server, name = os.environ["ROLLCALL_TEST_DATABASE"], f"test_{uuid.uuid4().hex}"
    run_sql(server, f"CREATE DATABASE {name} TEMPLATE {os.environ['ROLLCALL_TEST_TEMPLATE']}")
    yield database_url(server, name)
    run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def own_engine(own_database: str) -> Engine:
    """One engine for this process; after each test it has no connection left."""
    return make_engine(own_database, pool_size=5)


@pytest.fixture
def database(own_database: str, own_engine: Engine) -> Iterator[str]:
    """The address of an empty, migrated database; every session of this process uses it until the test ends."""
    bind(own_engine)
    yield own_database
    own_engine.dispose()
    run_sql(own_database, EMPTY)


@pytest.fixture
def redis_url() -> str:
    """The broker, shared by all tests: use a queue or a key prefix of your own."""
    return os.environ["ROLLCALL_TEST_REDIS"]


@pytest.fixture
def broker(redis_url: str) -> Iterator[str]:
    """A database of the broker's own for each pytest process, empty."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) + 1
    if redis_url.startswith("unix:"):
        url = f"{redis_url.partition('?')[0]}?db={number % 16}"
    else:
        url = urlunsplit(urlsplit(redis_url)._replace(path=f"/{number % 16}"))
    client = Redis.from_url(url)
    client.flushdb()
    yield url
    client.close()


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    """The keys of the test's organisations; the keystore lies where processes of this test look for it."""
    return Keyring(bytes.fromhex(MASTER_KEY), keystore=Keystore(tmp_path / "secrets" / "posts"))


@pytest.fixture(scope="session")
def new_app(own_database: str, own_engine: Engine) -> Callable[[], APIFlask]:
    """Makes a web application, for a test that changes its own beyond repair."""

    def make() -> APIFlask:
        settings = Settings(
            database_url=own_database, master_key=SecretStr(MASTER_KEY), secret_key=SecretStr("tests only")
        )
        return create_app(Runtime(settings, own_engine, Keyring(bytes.fromhex(MASTER_KEY)), own_database))

    return make


@pytest.fixture(scope="session")
def own_app(new_app: Callable[[], APIFlask]) -> tuple[APIFlask, Platform]:
    """One application for this process, its templates compiled once, and its platform as it was made."""
    made = new_app()
    return made, made.extensions["rollcall"]


@pytest.fixture
def app(database: str, keyring: Keyring, own_app: tuple[APIFlask, Platform]) -> APIFlask:
    """The whole web application on this test's database. Not in testing mode: errors are answered as for a user."""
    made, platform = own_app
    made.extensions["rollcall"] = replace(platform, keyring=keyring, damper=Damper())
    return made


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    """A program or a browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def live_server(database: str, redis_url: str, tmp_path: Path) -> Iterator[LiveServer]:
    """`rollcall web` as a process on this test's database."""
    with live(tmp_path, database, redis_url, MASTER_KEY) as server:
        yield server
