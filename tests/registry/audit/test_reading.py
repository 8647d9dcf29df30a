from __future__ import annotations

from hashlib import sha256

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from registry.audit.alarms import MOST_REVEALS
from registry.audit.models import AuditEntry
from registry.audit.services import record
from registry.audit.telling import SUBJECT
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.notices.models import OfficerMail
from registry.notices.officers import open_officer_mail
from registry.organisations.models import Officer, Role, Scope
from registry.organisations.services import actor_of
from tests.conftest import run_sql
from tests.desk import Desk, new_desk, text_of
from tests.programs import new_program, wrong_fields


def details(officer_organisation: int, action: str) -> list[dict[str, object]]:
    with scoped(officer_organisation) as session:
        query = select(AuditEntry.details).where(AuditEntry.action == action).order_by(AuditEntry.number)
        return list(session.scalars(query))


def test_every_reading_has_its_purpose_and_a_list_a_digest(client: FlaskClient, keyring: Keyring) -> None:
    program = new_program(client, keyring)
    ids = [program.add_person()["id"] for _ in range(2)]
    program.get("/people")
    program.get(f"/people/{ids[0]}")
    house = program.officer.organisation_id
    digest = sha256("".join(f"{public_id}\n" for public_id in ids).encode()).hexdigest()
    assert details(house, "people.list") == [{"purpose": "program", "people": 2, "digest": digest}]
    desk = new_desk(client, keyring, email="desk@example.org")
    page = f"/console/people/{ids[0]}"
    desk.open("/console/people/")
    desk.open(f"{page}/edit")
    desk.send(page, {"purpose": "identity"}, to=f"{page}/reveal")
    assert details(house, "people.list")[1] == {"purpose": "look_up", "people": 2, "digest": digest}
    purposes = [found["purpose"] for found in details(house, "person.read")]
    assert purposes == ["program", "correction", "look_up"]
    assert details(house, "person.reveal") == [{"purpose": "identity"}]


def test_who_opens_many_contacts_is_stopped_and_told_of(client: FlaskClient, keyring: Keyring) -> None:
    person = new_program(client, keyring).add_person()["id"]
    browser = client.application.test_client
    auditor = new_desk(browser(), keyring, Role.AUDITOR, email="auditor@example.org")
    worker = new_desk(browser(), keyring, Role.CASE_WORKER, email="worker@example.org")
    page = f"/console/people/{person}"
    assert worker.send(page, {}, to=f"{page}/reveal").status_code == 200
    with unscoped() as session:
        session.execute(text(f"UPDATE attempts SET count = {MOST_REVEALS} - 1 WHERE count = 1"))
    answers = [worker.send(page, {}, to=f"{page}/reveal") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 429]
    assert "The administrators have been told" in text_of(answers[-1])
    assert "+9991" not in answers[-1].text
    assert "alarm" not in worker.open("/console/").text
    assert worker.open("/console/audit/").status_code == 403
    assert "1 alarm waits" in text_of(auditor.open("/console/"))
    with scoped(worker.officer.organisation_id) as session:
        told = [
            mail.officer_id
            for mail in session.scalars(select(OfficerMail))
            for officer in (session.get_one(Officer, mail.officer_id),)
            if open_officer_mail(worker.vault(session).keys, mail, officer)["subject"] == SUBJECT
        ]
        assert told == [auditor.officer.id]
    number = str(audited_number(worker, "alarm.reveals"))
    assert "more than 30 people" in text_of(auditor.open("/console/audit/"))
    noted = auditor.send("/console/audit/", {}, to=f"/console/audit/alarms/{number}")
    assert "more than 30 people" not in text_of(noted)
    assert "alarm waits" not in auditor.open("/console/").text
    assert auditor.send("/console/password", {}, to=f"/console/audit/alarms/{number}").status_code == 404


def audited_number(desk: Desk, action: str) -> int:
    with scoped(desk.officer.organisation_id) as session:
        return session.scalars(select(AuditEntry.number).where(AuditEntry.action == action)).one()


@pytest.fixture
def auditor(client: FlaskClient, keyring: Keyring) -> Desk:
    return new_desk(client, keyring, Role.AUDITOR)


def test_auditors_search_and_see_whether_the_chain_holds(auditor: Desk, database: str) -> None:
    with scoped(auditor.officer.organisation_id) as session:
        for _ in range(60):
            record(session, actor_of(auditor.officer), "audit.search")
    first = auditor.open("/console/audit/?action=audit.search")
    assert "The chain holds" in text_of(first)
    assert text_of(first).count("audit.search") == 50
    following = first.text.partition('class="pager__next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert text_of(auditor.open(following)).count("audit.search") == 10
    assert "officer.sign_in" in text_of(auditor.open("/console/audit/?action=officer.&since=2020-01-01"))
    assert "No entry matches" in text_of(auditor.open("/console/audit/?until=2020-01-01"))
    assert "No entry matches" in text_of(auditor.open("/console/audit/?subject=%00x'--"))
    assert auditor.open("/console/audit/?since=soon").status_code == 422
    house = auditor.officer.organisation_id
    damage = "UPDATE audit_entries SET action = 'nothing' WHERE number = 2"
    run_sql(database, f"BEGIN; SET LOCAL rollcall.organisations = '{{{house}}}'; {damage}; COMMIT")
    assert "Somebody has changed the log" in text_of(auditor.open("/console/audit/"))


def test_programs_read_the_log_in_pages(client: FlaskClient, keyring: Keyring) -> None:
    program = new_program(client, keyring)
    person = program.add_person()["id"]
    for _ in range(3):
        program.get(f"/people/{person}")
    first = program.get("/audit?limit=2&action=person.").json
    assert [item["action"] for item in first["items"]] == ["person.add", "person.read"]
    second = program.get(f"/audit?limit=2&action=person.&after={first['next']}").json
    assert [item["number"] for item in second["items"]] == [3, 4]
    assert second["items"][1]["previous"] == second["items"][0]["digest"]
    assert second["next"] is None
    assert (
        program.get(f"/audit?subject={person}&since=2020-01-01T00:00:00Z&until=2021-01-01T00:00:00Z").json[
            "items"
        ]
        == []
    )
    assert wrong_fields(program.get("/audit?since=2020-01-01T00:00:00")) == {("since", "type")}
    assert program.get("/audit?actor=%00").status_code == 422
    assert new_program(client, keyring, Scope.PEOPLE_READ).get("/audit").status_code == 403
