"""`rollcall up`, as the one who types it sees it."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest

from config.listening import free_ports
from tests.config.holder import ROOT

PASSWORD = re.compile(r"^ +(\S+@\S+) +(\w{4}(?:-\w{4}){3})$", re.MULTILINE)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder to be made, with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="rollcall-test-", dir="/tmp") as folder:
        yield Path(folder) / "home"


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


def up(home: Path, port: int, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "config.cli", "up", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env=os.environ | {"ROLLCALL_HOME": str(home), "PYTHONUNBUFFERED": "1"} | env,
    )


@contextmanager
def running(home: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A Rollcall that said it is ready, and all it said until then."""
    said = ""
    with up(home, port) as process:
        try:
            for line in process.stdout:
                said += line
                if "is ready at" in line:
                    break
            assert f"Rollcall is ready at http://127.0.0.1:{port}\n" in said
            yield process, said
        finally:
            process.terminate()


def status(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def signed_in(home: Path) -> set[str]:
    """The roles of those who use the database now."""
    with psycopg.connect(host=str(home / "postgres/run"), user="rollcall", dbname="rollcall") as connection:
        rows = connection.execute(
            "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'rollcall' AND pid <> pg_backend_pid()"
        )
        return {name for (name,) in rows}


def test_one_command_from_nothing_and_again_after_it_was_killed(home: Path, port: int) -> None:
    with running(home, port) as (process, said):
        officers = PASSWORD.findall(said)
        assert len({email for email, _ in officers}) == 2
        assert "No Twilio settings: SMS stay in the sandbox" in said
        assert status(port, "/readyz") == 200
        assert signed_in(home) == {"rollcall_service"}, "whoever serves owns nothing"
        process.kill()

    with running(home, port) as (process, said):
        assert not PASSWORD.findall(said)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert rest.endswith("Rollcall has stopped.\n")
        assert process.wait() == 0
    with pytest.raises(ConnectionRefusedError):
        status(port, "/readyz")
    assert not (home / "postgres/data/postmaster.pid").exists()
    for kept in (home / "log").iterdir():
        assert not any(password in kept.read_text() for _, password in officers)


def test_a_taken_port_is_one_line_and_nothing_is_made(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with up(home, port) as process:
            said, code = process.stdout.read(), process.wait()
    assert code == 1
    assert said.startswith(f"rollcall: Can't listen on 127.0.0.1 port {port}: Address already in use.")
    assert said.count("\n") == 1
    assert not home.exists()


def test_a_database_that_cannot_be_reached_is_one_line(home: Path, port: int) -> None:
    nowhere = {
        "DATABASE_URL": "postgresql://rollcall:secret@127.0.0.1:1/rollcall",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    with up(home, port, **nowhere) as process:
        said, code = process.stdout.read(), process.wait()
    assert code == 1
    assert said.startswith("rollcall: the database can't be used:")
    assert said.count("\n") == 1
    assert "secret" not in said
