"""The embedded servers of one home, as one thing to start, watch and stop."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.embedded.errors import explained
from config.embedded.lock import locked
from config.embedded.place import made_home
from config.embedded.postgres import Postgres, as_service
from config.embedded.valkey import Valkey

PATIENCE = 300.0  # seconds


@dataclass(frozen=True)
class Services:
    """Addresses of the embedded servers; None for one that wasn't asked for.

    `database_url` is SQLAlchemy's, as a role that owns the database and is no superuser; `service_url` is the same as
    the role that the service signs in as, which `config.migrate` makes. `redis_url` is redis-py's (see `kombu_url` for
    Celery).
    """

    database_url: str | None
    redis_url: str | None
    service_url: str | None = None


class _Server(Protocol):
    url: str

    def start(self) -> None: ...
    def alive(self) -> bool: ...
    def stop(self) -> None: ...


class Embedded:
    """The servers of a home. Those already running are adopted, and then left running by `stop`."""

    def __init__(
        self, home: Path, *, database: bool = True, broker: bool = True, durable: bool = True
    ) -> None:
        """Choose the servers. `durable=False` is for tests: a crash of the machine may destroy the data."""
        self._home = home
        self._database = database
        self._broker = broker
        self._durable = durable
        self._servers: list[_Server] = []

    def start(self) -> Services:
        """Start or adopt each server, and return when all take connections. Call it again when one died.

        Raises:
            EmbeddedError: one can't run; those started are stopped again.
        """
        if not self._database and not self._broker:
            return Services(None, None)
        try:
            with explained(self._home):
                return self._start(made_home(self._home))
        except BaseException:
            self.stop()
            raise

    def _start(self, home: Path) -> Services:
        busy = f"Another process has been starting the servers in {home} for {PATIENCE:.0f} s."
        with locked(home / "embedded.lock", patience=PATIENCE, busy=busy):
            database = self._run(Postgres(home, durable=self._durable)) if self._database else None
            broker = self._run(Valkey(home)) if self._broker else None
        return Services(database, broker, database and as_service(database))

    def _run(self, server: _Server) -> str:
        """Start a server, unless one of its kind is here and alive."""
        for known in self._servers:
            if type(known) is type(server):
                if not known.alive():
                    known.start()
                return known.url
        self._servers.append(server)
        server.start()
        return server.url

    def alive(self) -> bool:
        """Whether every server runs; cheap enough to ask every second."""
        return all(server.alive() for server in self._servers)

    def stop(self) -> None:
        """Stop what this object started, the broker first."""
        for server in reversed(self._servers):
            server.stop()
        self._servers.clear()


@contextmanager
def services(
    home: Path, *, database: bool = True, broker: bool = True, durable: bool = True
) -> Iterator[Services]:
    """Run the embedded servers of the folder `home` for the length of a `with` block.

    A server that runs there already is used and left running. Several processes may do so at once; those that
    adopted lose the servers when the one that started them ends.

    Raises:
        EmbeddedError: a server can't run; the text is one line for a person.
    """
    embedded = Embedded(home, database=database, broker=broker, durable=durable)
    try:
        yield embedded.start()
    finally:
        embedded.stop()
