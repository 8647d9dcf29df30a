from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from config.commands.audit import command
from config.database import bind
from registry.audit.services import record, system
from registry.audit.verifying import chain_state
from registry.audit.witness import FILE, Witness
from registry.crypto import Keyring
from registry.database import SessionFactory, scoped, unscoped
from registry.organisations.models import Organisation
from registry.organisations.services import create_organisation
from tests.conftest import MASTER_KEY, run_sql
from workers.witnessing import witness_chains

DAMAGE = {
    "UPDATE audit_entries SET actor = 'nobody' WHERE number = 3": "entry 3 of .* was changed",
    "DELETE FROM audit_entries WHERE number = 4": "entry 5 of .* entry 4 is missing",
    "UPDATE audit_entries SET number = -number WHERE number IN (4, 5);"
    "UPDATE audit_entries SET number = 9 + number WHERE number < 0": "entry 4 of .* does not follow",
    "DELETE FROM audit_entries WHERE number > 6": "entry 7 is missing: the log was cut off behind entry 6",
    "DELETE FROM audit_entries": "entry 7 is missing: the log was cut off behind entry 0",
}
SEEN_AT_ONCE = list(DAMAGE)[2:]
"""Without walking the whole chain."""


@pytest.fixture
def house(keyring: Keyring, database: str) -> Organisation:
    """An organisation with five entries."""
    with unscoped() as session:
        organisation = create_organisation(session, keyring, "Consulate of Freedonia")
    add(organisation, 5)
    return organisation


@pytest.fixture
def witness(keyring: Keyring) -> Witness:
    return Witness(keyring.witness_seed)


def add(house: Organisation, times: int) -> None:
    with scoped(house.id) as session:
        for _ in range(times):
            record(session, system(house.id), "people.list", details={"people": 3})


def as_owner(database: str, house: Organisation, statements: str) -> None:
    """What only someone can do who has the database itself."""
    run_sql(database, f"BEGIN; SET LOCAL rollcall.organisations = '{{{house.id}}}'; {statements}; COMMIT")


def verify(database: str, folder: Path) -> tuple[int, str]:
    environment = {"DATABASE_URL": database, "MASTER_KEY": MASTER_KEY, "AUDIT_CHECKPOINTS": str(folder)}
    engine = SessionFactory.kw["bind"]
    result = CliRunner().invoke(command, ["verify"], env=environment, catch_exceptions=False)
    bind(engine)  # the command has used one of its own
    return result.exit_code, result.output


def test_every_damage_shows(house: Organisation, witness: Witness, database: str, tmp_path: Path) -> None:
    assert witness_chains(witness, tmp_path) == 1
    assert witness_chains(witness, tmp_path) == 0, "nothing has happened since"
    add(house, 2)
    assert verify(database, tmp_path) == (0, "Consulate of Freedonia: holds\n")
    for damage, complaint in DAMAGE.items():
        as_owner(database, house, f"CREATE TABLE saved AS TABLE audit_entries; {damage}")
        code, output = verify(database, tmp_path)
        assert code == 1, damage
        assert re.search(f"Consulate of Freedonia: {complaint}", output), output
        assert "Consulate of Freedonia: BROKEN" in output
        with scoped(house.id) as session:
            state = chain_state(session, witness, house.id, house.public_id)
            assert bool(state.breaks) == (damage in SEEN_AT_ONCE), damage
        as_owner(
            database, house, "TRUNCATE audit_entries; INSERT INTO audit_entries TABLE saved; DROP TABLE saved"
        )
    assert verify(database, tmp_path)[0] == 0


def test_a_log_written_anew_shows_by_what_was_kept_outside(
    house: Organisation, witness: Witness, database: str, tmp_path: Path
) -> None:
    witness_chains(witness, tmp_path)
    run_sql(database, "TRUNCATE audit_entries, audit_heads, audit_checkpoints")
    add(house, 6)
    code, output = verify(database, tmp_path / "elsewhere")
    assert code == 0
    assert "No checkpoints outside the database" in output
    code, output = verify(database, tmp_path)
    assert code == 1
    assert "entry 5 of" in output
    assert "is not the one that a checkpoint saw" in output
    run_sql(database, "TRUNCATE organisations CASCADE")
    code, output = verify(database, tmp_path)
    assert code == 1
    assert f"{house.public_id}: entry 5 is missing, with its organisation" in output


def test_a_checkpoint_of_another_key_is_not_believed(
    house: Organisation, witness: Witness, database: str, tmp_path: Path
) -> None:
    witness_chains(Witness(bytes(32)), tmp_path)
    with (tmp_path / FILE).open("a") as file:
        file.write('{"organisation": 3}\n{"torn')
    code, output = verify(database, tmp_path)
    assert code == 1
    assert "line 1 is not a checkpoint that we signed" in output
    assert "line 2 is not a checkpoint that we signed" in output
    assert "line 3" not in output, "its writer was stopped"
    assert "entry 5" in output
    with scoped(house.id) as session:
        state = chain_state(session, witness, house.id, house.public_id)
        assert [found.number for found in state.breaks] == [5]
    with pytest.raises(ProgrammingError), scoped(house.id) as session:
        session.execute(text("DELETE FROM audit_checkpoints"))
    add(house, 500)
    witness_chains(witness, tmp_path)
    lines = (tmp_path / FILE).read_text().splitlines()
    assert '"number": 505' in lines[-1], "a torn line spoils no other"
