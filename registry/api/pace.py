"""How fast one key may call, so that no program takes everybody's turn: a token bucket for each, in this process's own
memory. It costs no write and holds without Redis; several web processes let through as many times the rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from math import ceil

BURST = 2.0
"""Seconds' worth of calls that may come at once."""
MOST = 10_000
"""Keys whose pace is remembered; beyond, those who have rested are forgotten."""


class Pace:
    """At most `rate` calls a second for each caller."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._paid: dict[Hashable, float] = {}
        """When each caller's calls are paid for; not before then may there be more than a burst of further ones."""

    def wait(self, caller: Hashable) -> int:
        """0 when the caller may go on, and then it counts; else the seconds to wait, rounded up."""
        now = time.monotonic()
        with self._lock:
            paid = max(now, self._paid.get(caller, now)) + 1 / self._rate
            if paid - now > BURST:
                return max(1, ceil(paid - now - BURST))
            self._paid[caller] = paid
            if len(self._paid) > MOST:
                self._paid = {who: until for who, until in self._paid.items() if until > now}
            return 0
