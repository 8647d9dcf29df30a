"""The command line, called as a program would be, without the start of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from config import cli
from config.database import bind
from registry.database import SessionFactory
from tests.conftest import MASTER_KEY


@dataclass(frozen=True)
class Called:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def rollcall(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Called]:
    """Call `rollcall` with these arguments, on this test's database; named ones are settings."""

    def call(*arguments: str, **settings: str) -> Called:
        settings = {
            "DATABASE_URL": database,
            "ROLLCALL_HOME": str(tmp_path / "home"),
            "MASTER_KEY": MASTER_KEY,
        } | settings
        bound = SessionFactory.kw["bind"]
        with monkeypatch.context() as changed:
            for name, value in settings.items():
                changed.setenv(name, value)
            changed.setattr("sys.argv", ["rollcall", *arguments])
            with pytest.raises(SystemExit) as ended:
                cli.main()
        bind(bound)
        said = capsys.readouterr()
        return Called(int(ended.value.code or 0), said.out, said.err)

    return call
