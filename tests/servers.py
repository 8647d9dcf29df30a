"""The web application as a process on a real port, for browsers and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.listening import free_ports, is_ready
from tests.processes import Process, wait_for


@dataclass(frozen=True, slots=True)
class LiveServer:
    """`rollcall web`, ready. `environment` is what other processes of the same service need."""

    url: str
    port: int
    environment: dict[str, str]
    process: Process


@contextmanager
def live(
    home: Path, database_url: str, redis_url: str, master_key: str, **settings: str
) -> Iterator[LiveServer]:
    """Serve on a free port while the block runs; `settings` are further environment variables."""
    port = free_ports(1)[0]
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
        wait_for(lambda: is_ready("127.0.0.1", port), because="for the web process")
        yield LiveServer(f"http://127.0.0.1:{port}", port, environment, process)
