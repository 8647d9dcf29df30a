from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, make_url, select, text

from config.commands.migrate import command as migrate
from config.database import bind, make_engine
from registry.audit.models import AuditEntry
from registry.crypto import Keyring
from registry.database import SessionFactory, scoped, unscoped
from registry.imports.models import ImportRow
from registry.imports.uploading import upload
from registry.organisations.models import Officer, Organisation, Role
from registry.organisations.services import add_officer, create_organisation
from registry.people.erasures import FILE, Erasure, digest_of
from registry.people.intake import read_person
from registry.people.models import Person, PersonKey, Source
from registry.people.services import erase, register
from registry.people.vault import Vault
from tests.conftest import MASTER_KEY, database_url, run_sql
from workers.erasures import replay, write_down

PHONES = [f"+99970000{number:04}" for number in range(3)]


@pytest.fixture
def house(keyring: Keyring, database: str) -> Organisation:
    """An organisation with three people."""
    with unscoped() as session:
        house = create_organisation(session, keyring, "Consulate of Freedonia")
        add_officer(session, house, "rufus@example.org", [Role.REGISTRAR])
    with scoped(house.id) as session:
        for phone in PHONES:
            given = {
                "language": "en",
                "contacts": [{"channel": "sms", "address": phone}],
                "stays": [{"country": "TR"}],
            }
            register(session, Vault.open(session, keyring, house.id), read_person(given), Source.OFFICER)
    return house


@pytest.fixture
def backup(database: str) -> Iterator[str]:
    """Takes a whole copy of the database when asked for by its name."""
    server, name = os.environ["ROLLCALL_TEST_DATABASE"], f"backup_{uuid.uuid4().hex}"
    yield name
    run_sql(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_an_old_backup_brings_nobody_back(
    keyring: Keyring, database: str, house: Organisation, backup: str, tmp_path: Path
) -> None:
    server = os.environ["ROLLCALL_TEST_DATABASE"]
    SessionFactory.kw["bind"].dispose()
    run_sql(server, f"CREATE DATABASE {backup} TEMPLATE {make_url(database).database}")
    with scoped(house.id) as session:
        people = list(session.scalars(select(Person).order_by(Person.id)))
        for person in people[:2]:
            erase(session, person)
        erase(session, register_later(session, keyring, house))
    assert write_down(keyring, tmp_path) == 3
    assert write_down(keyring, tmp_path) == 0
    kept = (tmp_path / FILE).read_text()
    assert digest_of(keyring.erasure_keys[0], people[0].public_id).hex() in kept
    assert str(people[0].public_id) not in kept
    with scoped(house.id) as session:
        assert session.scalars(select(Erasure.public_id)).all() == [None] * 3
    assert replay(keyring, tmp_path) == 0, "nothing was restored"

    engine = make_engine(database_url(server, backup), pool_size=2)
    before = SessionFactory.kw["bind"]
    bind(engine)
    with scoped(house.id) as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 3
    environment = {
        "DATABASE_URL": database_url(server, backup),
        "MASTER_KEY": MASTER_KEY,
        "AUDIT_CHECKPOINTS": str(tmp_path),
    }
    result = CliRunner().invoke(migrate, env=environment, catch_exceptions=False)
    bind(engine)
    assert "2 of its people had been erased" in result.output
    with scoped(house.id) as session:
        assert session.scalars(select(Person.public_id)).all() == [people[2].public_id]
        assert session.scalar(select(func.count()).select_from(PersonKey)) == 1
        acts = session.scalars(select(AuditEntry.action))
        assert list(acts).count("person.erased_again") == 2
    assert replay(keyring, tmp_path) == 0
    engine.dispose()
    bind(before)


def register_later(session: object, keyring: Keyring, house: Organisation) -> Person:
    given = {
        "language": "en",
        "contacts": [{"channel": "sms", "address": "+999700009999"}],
        "stays": [{"country": "TR"}],
    }
    vault = Vault.open(session, keyring, house.id)  # type: ignore[arg-type]
    return register(session, vault, read_person(given), Source.OFFICER)  # type: ignore[arg-type]


def test_rows_of_files_that_hold_the_address_go_too(
    keyring: Keyring, house: Organisation, tmp_path: Path
) -> None:
    from registry.imports.checking import check_step

    file = tmp_path / "people.csv"
    file.write_text(
        "phone,country,language\n" + "".join(f"{phone},TR,en\n" for phone in (*PHONES, PHONES[0]))
    )
    with scoped(house.id) as session, file.open("rb") as stream:
        vault = Vault.open(session, keyring, house.id)
        officer = session.scalars(select(Officer)).one()
        found = upload(session, vault, officer, "people.csv", stream)
        while check_step(session, vault, found.id):
            pass
        erase(session, session.scalars(select(Person).order_by(Person.id)).first())
        assert session.scalars(select(ImportRow.number).order_by(ImportRow.number)).all() == [3, 4]
        assert session.scalar(text("SELECT count(*) FROM import_addresses")) == 2
    with pytest.raises(Exception, match="permission denied"), scoped(house.id) as session:
        session.execute(text("DELETE FROM erasures"))
