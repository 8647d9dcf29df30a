"""The sink as a contestant sees it: an address, a latency, and a count."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

from config.bench.meter import tree_cpu

PATIENCE = 120.0
"""Seconds without a single message after which a contestant has failed."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A running sink."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def set_latency(self, milliseconds: int) -> None:
        """Let each answer wait that long."""
        self._get(f"/latency/{milliseconds}")

    def count(self) -> int:
        """Messages taken so far."""
        return int(self._get("/count"))

    def cpu(self) -> float:
        """Seconds it has used."""
        return tree_cpu(self.pid)

    def wait_for(self, count: int) -> None:
        """Until so many were taken in all. Raises TimeoutError when none comes for two minutes."""
        seen, at = -1, time.monotonic()
        while (now := self.count()) < count:
            if now > seen:
                seen, at = now, time.monotonic()
            if time.monotonic() - at > PATIENCE:
                raise TimeoutError(f"{count - now} messages did not reach the sink")
            time.sleep(0.02)

    def _get(self, path: str) -> str:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()


@contextmanager
def provider() -> Iterator[Provider]:
    """A sink in a process of its own, for as long as the block runs."""
    child = subprocess.Popen([sys.executable, "-m", "config.bench.sink"], stdout=subprocess.PIPE, text=True)
    assert child.stdout
    try:
        yield Provider(int(child.stdout.readline()), child.pid)
    finally:
        child.terminate()
        child.wait()
        child.stdout.close()
