"""Rollcall's own processes, started and killed as fate would have it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from config.supervisor import ROOT

PATIENCE = 60.0
"""Seconds for a process to end when it is asked to."""


class Hand:
    """One `rollcall` command in an environment that is given whole. It may be started again after its end."""

    def __init__(self, name: str, environment: Mapping[str, str], log: Path, *arguments: str) -> None:
        self.name = name
        self.log = log
        self._environment, self._arguments = dict(environment), arguments
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its number, while it runs."""
        assert self._child
        return self._child.pid

    def start(self) -> None:
        """Start it; what it says goes to its log."""
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "config.cli", self.name, *self._arguments],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """By SIGKILL: it gets no chance to clean up."""
        self.end(signal.SIGKILL)

    def end(self, number: signal.Signals = signal.SIGTERM) -> bool:
        """Ask it to end and wait; False for one that did not, and was killed."""
        if self._child is None:
            return True
        with suppress(ProcessLookupError):
            self._child.send_signal(number)
        try:
            self._child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
            return False
        finally:
            self._child = None
        return True
