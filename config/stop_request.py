"""Being asked to stop."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from types import FrameType


class StopRequest:
    """Whether somebody asked to stop, by Ctrl-C, SIGTERM or by closing the terminal.

    Only noted, not raised: an exception at any moment could leave a lock of the standard library taken. Whoever
    asks again after a second is impatient: then this process ends at once, and the kernel tells its children to.
    """

    def __init__(self) -> None:
        self._since: float | None = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def __bool__(self) -> bool:
        return self._since is not None

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._since is None:
            self._since = now
            with suppress(OSError):  # the terminal may be gone
                os.write(1, "Stopping …\n".encode())
        elif now - self._since > 1:
            os._exit(1)
