"""Connections that outlive a call, for as many threads as there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock

from alerts.channels.base import Message, Outcome, Result
from alerts.channels.curl import Driver, Job


class Drivers:
    """Idle drivers of one provider. `in_flight` counts requests per driver; `timeout` is seconds to an answer."""

    def __init__(self, in_flight: int, timeout: float) -> None:
        self._in_flight, self._timeout = in_flight, timeout
        self._idle: list[Driver] = []
        self._closed = False
        self._lock = Lock()

    @contextmanager
    def lend(self) -> Iterator[Driver]:
        """A driver for one call, connections alive from earlier ones."""
        with self._lock:
            driver = self._idle.pop() if self._idle else Driver(self._in_flight, self._timeout)
        try:
            yield driver
        finally:
            with self._lock:
                kept = not self._closed
                if kept:
                    self._idle.append(driver)
            if not kept:
                driver.close()

    def send(
        self, messages: Iterable[Message], hand_over: Callable[[Message], Job[Result]]
    ) -> Iterator[Result]:
        """Hand messages over, many at once; no more are begun once the provider refuses us."""
        stopped = False

        def jobs() -> Iterator[Job[Result]]:
            for message in messages:
                yield hand_over(message)
                if stopped:
                    return

        with self.lend() as driver:
            for result in driver.run(jobs()):
                stopped = stopped or result.outcome is Outcome.US
                yield result

    def close(self) -> None:
        """Close idle connections; those of a call under way close with it when it ends."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for driver in idle:
            driver.close()
