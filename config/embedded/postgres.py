"""The embedded PostgreSQL server: started, or adopted when one of an earlier process still runs."""

import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from config.embedded import cluster
from config.embedded.account import Residence, residence, runnable
from config.embedded.errors import EmbeddedError
from config.embedded.place import socket_folder
from config.embedded.process import spawn, stop
from config.embedded.programs import postgres_programs

ROLE = DATABASE = "rollcall"
SERVICE_ROLE = "rollcall_service"
PATIENCE = 300.0  # seconds: after a crash the server replays its log before it takes connections
STOP_SIGNALS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0))  # PostgreSQL's fast, then immediate shutdown


class Postgres:
    """One cluster and its server. Call `start` under the home's lock; then `url` is set."""

    def __init__(self, home: Path, *, durable: bool) -> None:
        self.url = ""
        self._home = home
        self._durable = durable
        self._start_log = home / "postgres.start.log"
        self._residence: Residence | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Adopt the live server of this home or start one, and make the application's role and database.

        Raises:
            EmbeddedError: it can't be started.
            OSError: a folder can't be written.
        """
        home = self._residence = residence(self._home)
        sockets = self._adopted(home)
        if sockets is None:
            sockets = self._started(home)
        try:
            _make_database(sockets)
        except psycopg.Error as error:
            raise cluster.failure(f"error: {error}", home) from error
        query = {"host": str(sockets), "port": str(cluster.PORT)}
        url = URL.create("postgresql+psycopg", username=ROLE, database=DATABASE, query=query)
        self.url = url.render_as_string()

    @property
    def pid(self) -> int | None:
        """The server's process, when it was this object that started it."""
        return self._child.pid if self._child else None

    def alive(self) -> bool:
        """Whether the server runs; cheap enough to ask every second."""
        if self._child:
            return self._child.poll() is None
        return self._residence is not None and _running(self._residence) is not None

    def stop(self) -> None:
        """Stop the server when it was this object that started it."""
        if self._child:
            stop(self._child, STOP_SIGNALS)
            self._child = None

    def _adopted(self, home: Residence) -> Path | None:
        """The socket folder of the server that runs on this data, once it answers; None when none runs.

        A server whose starter was killed is shutting down: that is waited for.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            running = _running(home)
            if running is None:
                return None
            if running and _answers(running):
                time.sleep(0.1)  # one that was just told to stop may have answered still
                if _answers(running):
                    return running
            time.sleep(0.05)
        raise EmbeddedError(f"A PostgreSQL server runs on {home.data} and doesn't answer.")

    def _started(self, home: Residence) -> Path:
        programs = runnable(postgres_programs(cluster.data_version(home)), home)
        if cluster.data_version(home) is None:
            cluster.make_data(programs, home, durable=self._durable)
        sockets = socket_folder(home.folder, f"{cluster.SOCKET_NAME}.lock", self._home / "postgres.run.path")
        command = cluster.server_command(programs, home, sockets, durable=self._durable)
        deadline = time.monotonic() + 10
        while not self._run(command, home, sockets):
            # The processes of a server that was killed hold its shared memory for a moment longer.
            said = self._said(home)
            if "shared memory block" not in said or time.monotonic() > deadline:
                raise cluster.failure(said, home)
            time.sleep(0.2)
        return sockets

    def _run(self, command: list[str], home: Residence, sockets: Path) -> bool:
        """Start the server and wait until it is ready; False when it ended instead."""
        # Their writer is gone, but if another program has got its number, PostgreSQL refuses to start.
        for stale in (home.data / "postmaster.pid", sockets / f"{cluster.SOCKET_NAME}.lock"):
            stale.unlink(missing_ok=True)
        with self._start_log.open("wb") as output:
            self._child = spawn(
                command,
                account=home.account,
                death_signal=signal.SIGINT,
                output=output,
                folder=home.folder,
                env=cluster.environment(home),
            )
        try:
            return _ready(self._child, home)
        except BaseException:
            self.stop()
            raise

    def _said(self, home: Residence) -> str:
        """What the server wrote at its last start, before and after its log took over."""
        logs = sorted((home.folder / "log").glob("postgresql-*.log"), key=lambda path: path.stat().st_mtime)
        return "\n".join(file.read_text(errors="replace")[-5000:] for file in [self._start_log, *logs[-1:]])


def as_service(url: str) -> str:
    """The same database, as the role that owns nothing in it."""
    return make_url(url).set(username=SERVICE_ROLE).render_as_string()


def _ready(child: subprocess.Popen[bytes], home: Residence) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if child.poll() is not None:
            return False
        if _postmaster(home)[7:8] == ["ready"]:
            return True
        time.sleep(0.01)
    raise EmbeddedError(
        f"PostgreSQL wasn't ready after {PATIENCE:.0f} s (its log is in {home.folder / 'log'})"
    )


def _postmaster(home: Residence) -> list[str]:
    """The lines of postmaster.pid: process, data folder, start, port, sockets, address, memory key, state."""
    try:
        return [line.strip() for line in (home.data / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []


def _running(home: Residence) -> Path | None:
    """The socket folder of the live server on this data (empty path: not known yet), or None."""
    lines = _postmaster(home)
    if not lines or not lines[0].isdigit() or not _works_in(int(lines[0]), home.data):
        return None
    return Path(lines[4]) if len(lines) > 4 else Path()


def _works_in(process: int, folder: Path) -> bool:
    """Whether a live process is a server on this data folder: PostgreSQL makes it its working directory."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False  # another user's: the number was given anew
    try:
        return Path(f"/proc/{process}/cwd").resolve(strict=True) == folder.resolve()
    except FileNotFoundError:
        return not Path("/proc/self").exists()  # without /proc (macOS) the number must do


def _connected(sockets: Path) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(sockets),
        port=cluster.PORT,
        user="postgres",
        dbname="postgres",
        autocommit=True,
        connect_timeout=5,
    )


def _answers(sockets: Path) -> bool:
    try:
        _connected(sockets).close()
    except psycopg.OperationalError:
        return False
    return True


def _make_database(sockets: Path) -> None:
    """Make the role (no superuser; it may make roles and databases) and its database unless they exist."""
    with _connected(sockets) as connection:
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).rowcount:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE").format(sql.Identifier(ROLE))
            )
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
            names = sql.Identifier(DATABASE), sql.Identifier(ROLE)
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
