"""Starts `hold_services.py` as whoever a test wants, and reads what it says."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from config.embedded.process import launched

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
DENIED = [sys.executable, str(HERE / "without_namespaces.py")]


class Holder:
    """A running program, and the line it printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = json.loads(process.stdout.readline() or '{"error": "it said nothing"}')


@contextmanager
def holding(
    home: Path, *, account: str = "same", before: Sequence[str] = (), env: dict[str, str] | None = None
) -> Iterator[Holder]:
    """Run the services in another process for the length of the block; `before` precedes its command line."""
    command = launched([*before, sys.executable, HERE / "hold_services.py", home], account=account)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | (env or {})
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd="/", env=environment) as process:
        try:
            yield Holder(process)
        finally:
            process.stdin.close()
            process.wait(90)


def said(home: Path, **how: object) -> dict[str, object]:
    """What a program says that starts the services and ends at once."""
    with holding(home, **how) as holder:
        return holder.said
