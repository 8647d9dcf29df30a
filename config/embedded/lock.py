"""One process at a time starts the embedded servers of a folder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded.errors import EmbeddedError


@contextmanager
def locked(path: Path, *, patience: float, busy: str) -> Iterator[None]:
    """Hold an exclusive lock on the file, which the kernel drops however the process ends.

    Raises:
        EmbeddedError: with the text `busy`, another process held it for `patience` seconds.
        OSError: the file can't be made.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _acquire(file, time.monotonic() + patience, busy)
        yield
    finally:
        os.close(file)


def _acquire(file: int, deadline: float, busy: str) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise EmbeddedError(busy) from None
            time.sleep(0.05)
        else:
            return
