"""Rollcall's own processes, run for a test as an operator would run them, and killed as fate would kill them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

from config.bench.faults.hands import Hand

T = TypeVar("T")


class Process(Hand):
    """One `rollcall` command while the `with` block runs, with nothing of our own environment that it might heed."""

    def __init__(self, name: str, environment: dict[str, str], log: Path, *arguments: str) -> None:
        clean = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        super().__init__(name, clean | environment, log, *arguments)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self, number: signal.Signals = signal.SIGTERM) -> bool:
        """Signal and wait; a process that does not end within a minute fails the test."""
        ended = super().end(number)
        assert ended, f"{self.name} did not end: {self.log.read_text()[-2000:]}"
        return ended


@contextmanager
def running(*processes: Process) -> Iterator[None]:
    """All of them, until the block ends."""
    started: list[Process] = []
    try:
        for process in processes:
            process.start()
            started.append(process)
        yield
    finally:
        for process in reversed(started):
            process.end()


def wait_for(what: Callable[[], T], seconds: float = 120, because: str = "") -> T:
    """Poll until `what` is true-ish, and return it."""
    until = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        assert time.monotonic() < until, f"waited {seconds} s in vain {because}"
        time.sleep(0.05)
