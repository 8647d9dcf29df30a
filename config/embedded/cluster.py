"""Making PostgreSQL's data folder, and the settings its server runs with."""

import os
import shutil
import subprocess
from pathlib import Path

from config.embedded.account import Residence
from config.embedded.errors import EmbeddedError, disk_full
from config.embedded.process import launched
from config.embedded.programs import PostgresPrograms

PORT = 5432  # part of the socket's name; nothing listens on TCP
SOCKET_NAME = f".s.PGSQL.{PORT}"

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "synchronous_commit": "on",
    "jit": "off",
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgresql-%a.log",  # a file for each weekday, begun anew a week later
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    # A failed statement and the detail of an error hold people's data: neither belongs in a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
NOT_DURABLE = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum_naptime": "1h",
}


def data_version(home: Residence) -> int | None:
    """The major version of PostgreSQL that made the data folder; None before there is one."""
    file = home.data / "PG_VERSION"
    return int(file.read_text()) if file.exists() else None


def server_command(programs: PostgresPrograms, home: Residence, sockets: Path, *, durable: bool) -> list[str]:
    """The command line of the server."""
    settings = SETTINGS | ({} if durable else NOT_DURABLE)
    options = [f"--{name}={value}" for name, value in settings.items()]
    return [str(programs.postgres), "-D", str(home.data), "-p", str(PORT), "-k", str(sockets), *options]


def environment(home: Residence) -> dict[str, str]:
    """The environment of PostgreSQL's programs: without PGPORT and the like, which would steer them."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home.folder), "LC_ALL": "C", "TZ": "UTC"}


def make_data(programs: PostgresPrograms, home: Residence, *, durable: bool) -> None:
    """Make a data folder, whole or not at all: it gets its name at the end.

    Raises:
        EmbeddedError: with what initdb said.
    """
    unfinished = home.folder / "data.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    options = ["-U", "postgres", "-A", "trust", "--encoding=UTF8", "--no-sync", "--no-instructions"]
    try:
        made = _initdb(programs, home, "-D", unfinished, *options, "--locale=C.UTF-8")
        if "invalid locale name" in made.stderr:
            made = _initdb(programs, home, "-D", unfinished, *options, "--locale=C")
        if made.returncode == 0 and durable:
            made = _initdb(programs, home, "-D", unfinished, "--sync-only")
        if made.returncode != 0:
            raise failure(made.stderr, home)
        unfinished.rename(home.data)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _initdb(
    programs: PostgresPrograms, home: Residence, *arguments: str | Path
) -> subprocess.CompletedProcess[str]:
    command = launched([programs.initdb, *arguments], account=home.account)
    return subprocess.run(command, capture_output=True, text=True, cwd=home.folder, env=environment(home))


def failure(output: str, home: Residence) -> EmbeddedError:
    """Make one line of what a program of PostgreSQL wrote before it gave up."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return disk_full(home.folder)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    grave = [
        line for line in lines if any(word in line for word in ("FATAL", "PANIC", "error:", "could not"))
    ]
    reason = (grave or lines or ["it said nothing"])[-1]
    return EmbeddedError(f"PostgreSQL didn't start: {reason} (its log is in {home.folder / 'log'})")
