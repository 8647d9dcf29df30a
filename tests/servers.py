"""The web application as a process on a real port, for browsers and for programs."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.processes import Process, wait_for


@dataclass(frozen=True, slots=True)
class LiveServer:
    """`rollcall web`, ready. `environment` is what other processes of the same service need."""

    url: str
    port: int
    environment: dict[str, str]
    process: Process


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def live(
    home: Path, database_url: str, redis_url: str, master_key: str, **settings: str
) -> Iterator[LiveServer]:
    """Serve on a free port while the block runs; `settings` are further environment variables."""
    port = free_port()
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "MASTER_KEY": master_key,
        "SECRET_KEY": "tests only",
        "ROLLCALL_HOME": str(home),
        "PORT": str(port),
        **settings,
    }
    process = Process("web", environment, home / "web.log")
    with process:
        wait_for(lambda: _ready(port), because="for the web process")
        yield LiveServer(f"http://127.0.0.1:{port}", port, environment, process)
