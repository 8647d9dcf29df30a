from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from registry.audit.verifying import verify
from registry.crypto import Keyring
from registry.database import Session, scoped
from registry.exports.cells import harmless
from registry.imports.checking import check_step
from registry.imports.jobs import run_due
from registry.imports.reports import get_import, report_csv, report_rows
from registry.imports.saving import drop, save_step
from registry.people.intake import read_person
from registry.people.models import Source
from registry.people.services import register
from tests.conftest import MASTER_KEY
from tests.registry.imports.files import Files
from workers.agenda import look

WORKER = """
import sys, time
from config.database import bind, make_engine
from registry.crypto import Keyring
from registry.imports.jobs import run_due
bind(make_engine(sys.argv[1], pool_size=1))
keyring = Keyring(bytes.fromhex(sys.argv[2]))
print("ready", flush=True)
while run_due(keyring):
    print("step", flush=True)
"""


def table(rows: int) -> str:
    return "phone,country,name\n" + "".join(
        f"+9998{number:08},TR,Person {number}\n" for number in range(rows)
    )


def worker(database: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, database, MASTER_KEY]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def is_due() -> bool:
    """Whether the dispatcher would have imports worked on."""
    return "imports" in look()


def test_nothing_is_due_at_first_and_at_the_end(files: Files) -> None:
    assert not is_due()
    found = files.upload(table(3))
    assert is_due()
    files.work()
    assert not is_due()
    files.confirm(found)
    assert is_due()
    files.work()
    assert not is_due()


def test_a_killed_worker_loses_and_doubles_nothing(files: Files, database: str) -> None:
    found = files.checked(table(3000))
    files.confirm(found)
    process = worker(database)
    assert process.stdout
    assert [process.stdout.readline().strip() for _ in range(3)] == ["ready", "step", "step"]
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    between = files.again(found)
    assert between.state == "saving"
    assert len(files.people()) == between.progress >= 1000
    files.work()
    done = files.again(found)
    assert (done.state, done.progress, done.counts["new"]) == ("done", 3000, 3000)
    assert len(files.people()) == 3000
    assert all(row.saved for row in files.rows(found))


def test_several_workers_share_the_work(files: Files, database: str) -> None:
    found = files.upload(table(2500))
    for _ in range(2):
        workers = [worker(database) for _ in range(2)]
        for process in workers:
            process.communicate(timeout=240)
            assert process.returncode == 0
        files.work()
        if files.again(found).state == "checked":
            files.confirm(found)
            files.work()
    done = files.again(found)
    assert (done.state, done.counts["new"]) == ("done", 2500)
    assert len(files.people()) == 2500


def test_only_a_checked_import_can_be_confirmed_and_only_once(files: Files) -> None:
    found = files.upload(table(3))
    assert files.refused(found) == "not_checked"
    files.work()
    files.confirm(found)
    assert files.refused(found) == "not_checked"
    files.work()
    assert files.refused(found) == "not_checked"


def test_rows_gone_after_a_week_can_t_be_confirmed(files: Files) -> None:
    found = files.checked(table(3))
    with scoped(files.officer.organisation_id) as session:
        session.execute(text("DELETE FROM import_rows"))
    assert files.refused(found) == "expired"


def test_a_worker_takes_no_import_of_another_organisation(files: Files, keyring: Keyring) -> None:
    found = files.upload(table(3))
    other = Files.of(keyring, "Embassy of Sylvania")
    with scoped(other.officer.organisation_id) as session:
        assert not check_step(session, other.vault(session), found.id)
        assert not save_step(session, other.vault(session), found.id)
    assert files.again(found).progress == 0


def test_a_large_import_does_not_hold_up_a_small_one(files: Files, keyring: Keyring) -> None:
    large = files.upload(table(2000))
    other = Files.of(keyring, "Embassy of Sylvania")
    small = other.upload(table(3))
    for _ in range(3):
        run_due(keyring)
    assert other.again(small).state == "checked"
    assert files.again(large).state == "checking"


def test_who_registers_between_check_and_saving_is_not_doubled(files: Files) -> None:
    found = files.checked(table(3))
    with scoped(files.officer.organisation_id) as session:
        contacts = [{"channel": "sms", "address": "+999800000001"}]
        data = {"language": "en", "name": "Herself", "contacts": contacts, "stays": [{"country": "TR"}]}
        register(session, files.vault(session), read_person(data), Source.WEB)
    files.confirm(found)
    files.work()
    done = files.again(found)
    assert done.counts == {"new": 2, "same": 0, "changed": 1, "invalid": 0, "duplicate": 0}
    assert len(files.people()) == 3


def test_who_registers_at_the_very_moment_is_not_doubled(files: Files) -> None:
    """The page's transaction holds the address and commits while the worker waits for it."""
    found = files.checked(table(3))
    files.confirm(found)
    with ThreadPoolExecutor(1) as pool:
        with scoped(files.officer.organisation_id) as session:
            contacts = [{"channel": "sms", "address": "+999800000001"}]
            data = {"language": "en", "contacts": contacts, "stays": [{"country": "TR"}]}
            register(session, files.vault(session), read_person(data), Source.WEB)
            saving = pool.submit(run_due, files.keyring)
            wait_until_blocked(session)
        assert saving.result(timeout=120)
    done = files.again(found)
    assert done.state == "done"
    assert done.counts["new"] == 2
    assert len(files.people()) == 3


def wait_until_blocked(session: Session) -> None:
    """Until some transaction waits for this one."""
    waiting = text(
        "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE NOT granted AND datname = current_database())"
    )
    while not session.scalar(waiting):
        time.sleep(0.01)


def test_cells_are_sealed_and_wiped(files: Files) -> None:
    found = files.checked(table(3))
    query = text("SELECT sealed_cells FROM import_rows ORDER BY number")
    with scoped(files.officer.organisation_id) as session:
        sealed = session.scalars(query).all()
    assert all(value and b"Person" not in value and b"9998" not in value for value in sealed)
    files.confirm(found)
    files.work()
    with scoped(files.officer.organisation_id) as session:
        assert session.scalars(query).all() == [None, None, None]
        assert session.scalar(text("SELECT count(*) FROM import_addresses")) == 0


def test_dropping_forgets_all(files: Files) -> None:
    found = files.checked(table(3))
    with scoped(files.officer.organisation_id) as session:
        drop(session, files.officer, get_import(session, found.public_id))
    with scoped(files.officer.organisation_id) as session:
        for name in ("imports", "import_rows", "import_addresses"):
            assert session.scalar(text(f"SELECT count(*) FROM {name}")) == 0
        actions = session.scalars(text("SELECT action FROM audit_entries ORDER BY number")).all()
        assert actions == ["import.upload", "import.drop"]
        assert list(verify(session, files.officer.organisation_id)) == []


def test_an_import_that_can_t_go_on_stops_and_says_so(files: Files) -> None:
    found = files.upload(table(3))
    with scoped(files.officer.organisation_id) as session:
        session.execute(text("UPDATE import_rows SET sealed_cells = 'broken' WHERE number = 3"))
    with pytest.raises(Exception, match="sealed"):
        run_due(files.keyring)
    stopped = files.again(found)
    assert (stopped.state, stopped.error, stopped.progress) == ("failed", "unexpected", 0)
    assert not is_due()


def test_report_pages(files: Files) -> None:
    found = files.checked("phone,country\n" + "+999700000001,TR\n" * 4 + "x,Y\n")
    with scoped(files.officer.organisation_id) as session:
        first = report_rows(session, found, limit=2)
        rest = report_rows(session, found, after=first[-1].number, limit=10)
        invalid = report_rows(session, found, rest[-1].outcome)
        content = "".join(report_csv(session, found))
    assert [row.number for row in first + rest] == [2, 3, 4, 5, 6]
    assert [row.number for row in invalid] == [6]
    lines = content.splitlines()
    assert lines[0] == "\ufeffrow,outcome,saved,reason,code"
    assert lines[2] == "3,duplicate,no,Repeats a contact of row 2.,"
    assert lines[5].startswith('6,invalid,no,"The phone number is not valid. ')
    assert lines[5].endswith(",phone:phone country:country")


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "=cmd|' /C calc'!A0"]
)
def test_exported_cells_are_no_formulas(cell: str) -> None:
    assert harmless(cell) == "'" + cell
    assert harmless("plain") == "plain"
