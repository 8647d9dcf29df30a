"""The keystore: key-encryption keys of posts, in files outside the database and outside its backups.

Destroying a file makes what is sealed under it unreadable, also in every copy of the database.

A file can't be part of the transaction that names it in the database: it is a draft, known by its ending, until
somebody has looked whether the database knows it. Whatever was named once is never taken for a draft again, so that no
backup of the database, however old, lets a key be swept away.
"""

from __future__ import annotations

import base64
import errno
import os
import time
from contextlib import suppress
from pathlib import Path

from registry.crypto.cipher import new_key

DRAFT = ".new"


class Keystore:
    """A private folder, shared by all machines of one service. A name may hold letters, digits, dashes and dots."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, name: str) -> bytes:
        """A new key under a name that isn't taken, a draft, on disk before this returns. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if (self._folder / name).exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        key = new_key()
        descriptor = os.open(self._folder / (name + DRAFT), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._settle()
        return key

    def read(self, name: str) -> bytes | None:
        """The key of this name; None where it can't be read."""
        for path in self._paths(name):
            with suppress(OSError, ValueError):
                key = base64.b64decode(path.read_bytes())
                return key if len(key) == 32 else None
        return None

    def drafts(self, age: float) -> list[str]:
        """The names of keys that have been drafts for this many seconds. Raises OSError."""
        if not self._folder.exists():
            return []
        found = [path for path in self._folder.iterdir() if path.name.endswith(DRAFT)]
        old = [path.name for path in found if path.stat().st_mtime < time.time() - age]
        return sorted(name.removesuffix(DRAFT) for name in old)

    def confirm(self, name: str) -> None:
        """Let a draft be one no more. Raises OSError."""
        draft, final = self._folder / (name + DRAFT), self._folder / name
        draft.rename(final)
        self._settle()

    def destroy(self, name: str) -> None:
        """Overwrite and delete a key; one that is gone already is no error. Raises OSError when it can't be."""
        for path in self._paths(name):
            with suppress(FileNotFoundError):
                with path.open("r+b") as file:
                    file.write(os.urandom(path.stat().st_size))
                    file.flush()
                    os.fsync(file.fileno())
                path.unlink()
                self._settle()

    def _paths(self, name: str) -> tuple[Path, Path, Path]:
        """Where a key may lie. It may be confirmed between two looks, so its own name comes last once more."""
        final = self._folder / name
        return final, self._folder / (name + DRAFT), final

    def _settle(self) -> None:
        """Make the folder's own change durable."""
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
