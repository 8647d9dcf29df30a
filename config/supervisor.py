"""Run Rollcall's processes as children: keep their logs, restart those that die, stop all together."""

import logging
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from config.embedded.process import kill_session, spawn

ROOT = Path(__file__).parent.parent
STEADY = 60.0  # seconds of life after which a child counts as sound again
LONGEST_PAUSE = 30.0  # seconds before another try to start a child that keeps dying
PATIENCE = 10.0  # seconds for a child to end by itself
LOG_SIZE, LOG_COUNT = 10_000_000, 5


@dataclass
class Child:
    """One process to keep running, and what became of it."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    next_start: float = 0.0
    log: logging.Handler = field(default_factory=logging.NullHandler)


class _Log(RotatingFileHandler):
    """A log that can't be written, on a full disk say, must not stop the one that it is about."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        pass


class Supervisor:
    """Keeps children running. Use it in one thread: a child dies with the thread that started it."""

    def __init__(self, logs: Path, tell: Callable[[str], None], *, echo: bool = False) -> None:
        """Keep logs in the folder `logs`; `tell` of deaths, and with `echo` of every line that is logged."""
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._logs = logs
        self._tell = tell
        self._echo = echo
        self._children: list[Child] = []

    def add(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Start a child; `name` is the name of its log as well."""
        child = Child(name, command, env)
        child.log = _Log(self.log_of(name), maxBytes=LOG_SIZE, backupCount=LOG_COUNT, encoding="utf-8")
        self._children.append(child)
        self._start(child)

    def log_of(self, name: str) -> Path:
        """Where the output of a child is kept."""
        return self._logs / f"{name}.log"

    def check(self) -> None:
        """Restart the children that died, after a pause that doubles while it goes on. Call it often."""
        for child in self._children:
            if child.process and child.process.poll() is not None:
                kill_session(child.process)
                self._note_death(child, child.process.returncode)
            elif not child.process and time.monotonic() >= child.next_start:
                self._start(child)

    def stop(self) -> None:
        """End every child: all are told to at once, and those that don't in ten seconds are killed."""
        running = [child.process for child in self._children if child.process]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + PATIENCE
        while any(process.poll() is None for process in running) and time.monotonic() < deadline:
            time.sleep(0.02)
        for process in running:
            kill_session(process)
        for child in self._children:
            child.log.close()
        self._children.clear()

    def _start(self, child: Child) -> None:
        child.started = time.monotonic()
        child.process = spawn(
            child.command, death_signal=signal.SIGTERM, output=subprocess.PIPE, folder=ROOT, env=child.env
        )
        assert child.process.stdout is not None
        threading.Thread(target=self._keep, args=(child, child.process.stdout), daemon=True).start()

    def _note_death(self, child: Child, code: int) -> None:
        now = time.monotonic()
        child.process = None
        child.failures = 1 if now - child.started > STEADY else child.failures + 1
        pause = min(0.5 * 2 ** (child.failures - 1), LONGEST_PAUSE)
        child.next_start = now + pause
        reason = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        self._tell(f"{child.name} ended ({reason}); starting it again. Its log: {self.log_of(child.name)}")

    def _keep(self, child: Child, output: IO[bytes]) -> None:
        """Move a child's lines to its log until it closes its output."""
        with output:
            for raw in output:
                line = raw.decode(errors="replace").rstrip("\n")
                child.log.handle(logging.makeLogRecord({"msg": line}))
                if self._echo:
                    self._tell(f"{child.name:<10} | {line}")
