"""Rollcall's own processes, run for a test as an operator would run them, and killed as fate would kill them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

T = TypeVar("T")
ROOT = Path(__file__).parents[1]


class Process:
    """One `rollcall` command while the `with` block runs."""

    def __init__(self, name: str, environment: dict[str, str], log: Path, *arguments: str) -> None:
        self.name, self.log = name, log
        self._environment, self._arguments = environment, arguments
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGTERM)

    @property
    def pid(self) -> int:
        assert self._child
        return self._child.pid

    def start(self) -> None:
        clean = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "config.cli", self.name, *self._arguments],
                cwd=ROOT,
                env=clean | self._environment,
                stdout=log,
                stderr=log,
            )

    def end(self, number: signal.Signals) -> None:
        """Signal and wait; a process that does not end within a minute fails the test."""
        if self._child is None:
            return
        if self._child.poll() is None:
            self._child.send_signal(number)
        try:
            self._child.wait(60)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
            raise AssertionError(f"{self.name} did not end: {self.log.read_text()[-2000:]}") from None
        finally:
            self._child = None

    def kill(self) -> None:
        self.end(signal.SIGKILL)


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
            process.end(signal.SIGTERM)


def wait_for(what: Callable[[], T], seconds: float = 120, because: str = "") -> T:
    """Poll until `what` is true-ish, and return it."""
    until = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        assert time.monotonic() < until, f"waited {seconds} s in vain {because}"
        time.sleep(0.05)
