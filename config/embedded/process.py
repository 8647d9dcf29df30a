"""Child processes that can't outlive the one that started them."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

LAUNCH = Path(__file__).with_name("launch.py")


def launched(command: Sequence[str | Path], *, account: str = "same", death_signal: int = 0) -> list[str]:
    """Return the command line that runs `command` through `launch.py` (accounts: see there)."""
    start = [sys.executable, "-I", "-S", str(LAUNCH), account, str(int(death_signal)), str(os.getpid())]
    return [*start, *map(str, command)]


def spawn(
    command: Sequence[str | Path],
    *,
    death_signal: signal.Signals,
    output: IO[bytes] | int,
    account: str = "same",
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C in a terminal reaches only the parent.

    The kernel sends it `death_signal` when the thread that called this ends, however it ends: call it from
    one that lives as long as the child should. `output` takes both of its streams.
    """
    return subprocess.Popen(
        launched(command, account=account, death_signal=death_signal),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=env,
        start_new_session=True,
    )


def stop(child: subprocess.Popen[bytes], signals: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send each signal and wait so many seconds for the child to end; at last kill its session."""
    for number, patience in signals:
        if child.poll() is not None:
            return
        child.send_signal(number)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        return
    kill_session(child)


def kill_session(child: subprocess.Popen[bytes]) -> None:
    """Kill a child of `spawn` and whatever it started, also when it is dead itself and left them behind."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        child.wait(5)
