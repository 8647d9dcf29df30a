"""One thread at a time hands SMS over, while another claims what comes next.

A thread has many messages in flight by itself. Two at it would take the interpreter's lock from each other for each
message, which costs a third of all that a message costs, and makes nothing quicker.
"""

from __future__ import annotations

from threading import Lock
from types import TracebackType

PATIENCE = 2.0
"""Seconds after which a thread no longer waits: the one before it has its hands full with a provider that is slow, and
has not much use for a processor."""


class Turns:
    """Of one process: who may claim, and who may send. `patience` is in seconds."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.claiming, self.sending = Lock(), Lock()
        self.patience = patience


class Turn:
    """One batch's, as a context: entered before it is claimed. With no `turns` there is nobody to wait for."""

    def __init__(self, turns: Turns | None) -> None:
        self._turns = turns
        self._held: list[Lock] = []

    def __enter__(self) -> Turn:
        """Wait until nobody else is claiming."""
        if self._turns:
            self._wait_for(self._turns, self._turns.claiming)
        return self

    def begin(self) -> None:
        """It is claimed: wait until nobody else sends, and let the next one claim."""
        if self._turns:
            claimed = self._held.copy()
            self._wait_for(self._turns, self._turns.sending)
            self._let_go(claimed)

    def end(self) -> None:
        """It is sent, if not yet written down: the next may send."""
        self._let_go(self._held.copy())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def _wait_for(self, turns: Turns, lock: Lock) -> None:
        if lock.acquire(timeout=turns.patience):
            self._held.append(lock)

    def _let_go(self, locks: list[Lock]) -> None:
        for lock in locks:
            self._held.remove(lock)
            lock.release()
