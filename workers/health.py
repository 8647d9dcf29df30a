"""What this process has lately seen of each provider, shared by its threads.

The breaker in the database stops all workers; this stops the threads of one process before they ask the database, and
lets a provider that nobody has heard from lately be tried with a few messages before it is trusted with many.
"""

from __future__ import annotations

import time

TRUST_SECONDS = 5.0
PROBE = 8
"""Messages with which an untrusted provider is tried."""


class Health:
    """Times are of the monotonic clock. Single dictionary reads and writes are atomic, so no lock is needed."""

    def __init__(self) -> None:
        self._accepted: dict[str, float] = {}
        self._refused: dict[str, float] = {}

    def accepted(self, provider: str) -> None:
        """It took a message."""
        self._accepted[provider] = time.monotonic()

    def refused(self, provider: str) -> None:
        """It refuses us, and with us every message."""
        self._refused[provider] = time.monotonic()

    def is_trusted(self, provider: str) -> bool:
        """Whether it took a message in the last seconds, and refused nothing since."""
        accepted = self._accepted.get(provider, 0.0)
        return accepted > self._refused.get(provider, 0.0) and time.monotonic() - accepted < TRUST_SECONDS

    def refused_since(self, provider: str, moment: float) -> bool:
        """Whether it refused us after a moment."""
        return self._refused.get(provider, 0.0) > moment
