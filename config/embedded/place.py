"""Folders of the embedded servers: where data lies, where sockets fit, who may enter."""

import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from config.embedded.errors import EmbeddedError
from config.embedded.process import launched

LONGEST_SOCKET_PATH = 103  # macOS; Linux has 107
OUTSIDE = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 (a private folder is made inside, and kept over restarts)


def made_home(home: Path) -> Path:
    """Make the folder of all state when it is new, and return it as an absolute path.

    Others may pass through it (PostgreSQL may run as another user) but not list it.
    """
    home = home.absolute()
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    return home


def belongs_to(folder: Path) -> tuple[int, int]:
    """The uid and gid that own a folder."""
    status = folder.stat()
    return status.st_uid, status.st_gid


def enterable(folder: Path, account: str) -> bool:
    """Whether a process run as `account` (see launch.py) can enter a folder and write in it."""
    check: list[str | Path] = ["/bin/sh", "-c", 'test -x "$0" && test -w "$0"', folder]
    return subprocess.run(launched(check, account=account), cwd="/", capture_output=True).returncode == 0


def outside_folder(uid: int, gid: int) -> Path:
    """Make a folder for a user who can't enter the home, in a place that outlives a restart of the machine.

    Raises:
        EmbeddedError: there is no such place.
    """
    for base in OUTSIDE:
        try:
            folder = Path(tempfile.mkdtemp(prefix="rollcall-", dir=base))
            os.chown(folder, uid, gid)
        except OSError:
            continue
        return folder
    raise EmbeddedError(
        f"PostgreSQL can't run as root here, and neither {OUTSIDE[0]} nor {OUTSIDE[1]} takes its data. "
        "Start Rollcall as an ordinary user, or set DATABASE_URL."
    )


def give(folder: Path, uid: int, gid: int) -> None:
    """Hand a folder of ours, with all in it, to another user."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)


def move(folder: Path, target: Path) -> None:
    """Move the contents of a folder of ours into another, which may lie on another disk."""
    for path in folder.iterdir():
        shutil.move(path, target / path.name)


def socket_folder(place: Path, longest_name: str, note: Path) -> Path:
    """Return a private folder in which a Unix socket of this name fits the kernel's limit on paths.

    `place/run`, or when that is too long a short temporary one, remembered in the file `note`. Taken again
    only while private to the owner of `place`: temporary folders get swept, and others may write there.
    """
    owner = belongs_to(place)
    folder = place / "run"
    if len(os.fsencode(folder / longest_name)) > LONGEST_SOCKET_PATH:
        folder = Path(note.read_text()) if note.exists() else folder
        if note.exists() and _private(folder, owner[0]):
            return folder
        folder = Path(tempfile.mkdtemp(prefix="rollcall-", dir="/tmp"))
        note.write_text(str(folder))
    folder.mkdir(mode=0o700, exist_ok=True)
    if belongs_to(folder) != owner:
        os.chown(folder, *owner)
    return folder


def _private(folder: Path, uid: int) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == uid and stat.S_IMODE(status.st_mode) == 0o700
