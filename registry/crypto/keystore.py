"""The keystore: key-encryption keys of posts, in files outside the database and outside its backups.

Destroying a file makes what is sealed under it unreadable, also in every copy of the database.
"""

from __future__ import annotations

import base64
import os
from contextlib import suppress
from pathlib import Path

from registry.crypto.cipher import new_key


class Keystore:
    """A private folder, shared by all machines of one service. A name may hold letters, digits, dashes and dots."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, name: str) -> bytes:
        """A new key under a name that isn't taken, on disk before this returns. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = new_key()
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._settle()
        return key

    def read(self, name: str) -> bytes | None:
        """The key of this name; None where it can't be read."""
        try:
            key = base64.b64decode((self._folder / name).read_bytes())
        except (OSError, ValueError):
            return None
        return key if len(key) == 32 else None

    def destroy(self, name: str) -> None:
        """Overwrite and delete a key; one that is gone already is no error. Raises OSError when it can't be."""
        path = self._folder / name
        with suppress(FileNotFoundError):
            with path.open("r+b") as file:
                file.write(os.urandom(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            self._settle()

    def _settle(self) -> None:
        """Make the folder's own change durable."""
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
