"""Keeps what is noted of refusals small: whoever floods us must not fill our logs, nor make us write each time."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable

PAUSE = 60.0
"""Seconds between two notes of the same thing by one process."""
MOST = 10_000
"""Things remembered; of those beyond, the oldest is forgotten."""


class Damper:
    """Lets the first of each thing be noted at once, then one in a minute that stands for all since."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    def take(self, thing: Hashable) -> int:
        """How many to note now; 0 for none yet."""
        now = time.monotonic()
        with self._lock:
            noted_at, held = self._seen.get(thing, (now - PAUSE, 0))
            if now - noted_at < PAUSE:
                self._seen[thing] = noted_at, held + 1
                return 0
            self._seen[thing] = now, 0
            self._seen.move_to_end(thing)
            if len(self._seen) > MOST:
                self._seen.popitem(last=False)
            return held + 1
