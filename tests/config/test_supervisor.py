"""Children are kept running, logged, and stopped together."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.supervisor import Supervisor
from tests.config.holder import ROOT


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, told: list[str]) -> Iterator[Supervisor]:
    found = Supervisor(tmp_path / "log", told.append)
    yield found
    found.stop()


def until(condition: Callable[[], object], supervisor: Supervisor) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        supervisor.check()
        time.sleep(0.01)


def text(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()


def test_a_child_that_dies_is_started_again_and_that_is_told(
    supervisor: Supervisor, told: list[str], tmp_path: Path
) -> None:
    supervisor.add("web", ["sh", "-c", f"echo started >> {tmp_path}/starts; exit 3"], os.environ)
    until(lambda: text(tmp_path / "starts").count("started") == 3, supervisor)
    assert told[0] == f"web ended (exit code 3); starting it again. Its log: {tmp_path}/log/web.log"


def test_what_children_write_is_kept_in_a_log_for_each(supervisor: Supervisor, tmp_path: Path) -> None:
    for name in ("web", "worker"):
        supervisor.add(name, ["sh", "-c", "echo of $0; echo wrong >&2; exec sleep 100", name], os.environ)
    until(lambda: all(text(tmp_path / f"log/{name}.log") for name in ("web", "worker")), supervisor)
    until(lambda: text(tmp_path / "log/web.log") == "of web\nwrong\n", supervisor)
    until(lambda: text(tmp_path / "log/worker.log") == "of worker\nwrong\n", supervisor)


def test_stop_reaches_children_of_children(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.add("web", ["sh", "-c", f"sleep 100 & echo $! > {tmp_path}/grandchild; wait"], os.environ)
    until(lambda: text(tmp_path / "grandchild").endswith("\n"), supervisor)
    grandchild = int(text(tmp_path / "grandchild"))
    assert lives(grandchild)
    supervisor.stop()
    until(lambda: not lives(grandchild), supervisor)


SUPERVISED = """
import os, sys, time
from pathlib import Path
from config.supervisor import Supervisor
supervisor = Supervisor(Path(sys.argv[1]), print)
supervisor.add("web", ["sh", "-c", "echo $$ > $0/child; exec sleep 100", sys.argv[1]], os.environ)
time.sleep(100)
"""


def test_children_do_not_outlive_a_parent_that_was_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    process = os.spawnve(
        os.P_NOWAIT,
        sys.executable,
        [sys.executable, "-c", SUPERVISED, str(tmp_path)],
        os.environ | {"PYTHONPATH": str(ROOT)},
    )
    until(lambda: text(tmp_path / "child").endswith("\n"), supervisor)
    child = int(text(tmp_path / "child"))
    assert lives(child)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    until(lambda: not lives(child), supervisor)
