"""What went wrong with an embedded server, in one line that says what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.errors import Misconfigured


class EmbeddedError(Misconfigured):
    """An embedded server can't run; the text is one line for the person at the keyboard."""


def disk_full(folder: Path) -> EmbeddedError:
    """Return the error for a full disk under `folder`."""
    return EmbeddedError(f"The disk that holds {folder} is full. Make room there and start again.")


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn an OSError met while working in `folder` into an EmbeddedError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(folder) from error
        raise EmbeddedError(
            f"Can't write in {folder}: {error.strerror or error}. "
            "Set ROLLCALL_HOME to a folder that you can write to."
        ) from error
