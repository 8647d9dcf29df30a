"""Runs a fake as a process of its own and talks to it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).parents[2]
PAGE = 5_000

_direct = build_opener(ProxyHandler({}))


class FakeServer:
    """A fake provider while the `with` block runs. `url` is what our side connects to."""

    module: str

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", self.module, "--with-parent", *self._arguments]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        where = json.loads(self._process.stdout.readline())
        self.url: str = where["url"]
        self.admin: str = where["admin"]
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def behave(self, fault: str = "", **how: Any) -> None:
        """Add a rule; see `Rule` for the words. Rules stay until `reset`."""
        self.call("/behave", {"fault": fault, **how})

    def reset(self) -> None:
        """Forget all rules and messages."""
        self.call("/reset", {})

    def count(self) -> int:
        """How many messages it has taken."""
        return int(self.call("/count")["count"])

    def pages(self) -> list[dict[str, Any]]:
        """Everything it has taken, in order."""
        found: list[dict[str, Any]] = []
        while page := self.call(f"/messages?offset={len(found)}&limit={PAGE}")["messages"]:
            found += page
        return found

    def call(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with _direct.open(Request(self.admin + path, data=data), timeout=60) as answer:
            return json.load(answer)


def announce(url: str, admin: str) -> None:
    """The first line a fake prints: where it listens."""
    print(json.dumps({"url": url, "admin": admin}), flush=True)


async def parent_gone() -> None:
    """Returns when standard input closes, so that no fake outlives what started it, even by SIGKILL."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    await reader.read()
