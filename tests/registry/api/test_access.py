from __future__ import annotations

from dataclasses import replace

from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from registry.api.pace import Pace
from registry.audit.models import AuditEntry
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.events.models import SecurityEvent
from registry.organisations.models import ApiKey, Officer, Scope
from tests.programs import Program, new_program


def test_without_a_known_key_nothing_is_told(program: Program) -> None:
    for header in (None, "", "Bearer", "Bearer ", "Basic cmNrXzE6eA==", "Bearer rck_unknown", "rck_1"):
        headers = {} if header is None else {"Authorization": header}
        answer = program.client.get("/api/v1/people", headers=headers)
        assert answer.status_code == 401, header
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_revoked_key(program: Program) -> None:
    with unscoped() as session:
        session.execute(update(ApiKey).values(revoked_at=func.now()))
    assert program.get("/people").status_code == 401


def test_key_of_an_officer_who_left(program: Program) -> None:
    with unscoped() as session:
        session.execute(update(Officer).values(active=False))
    assert program.get("/people").status_code == 401


def test_scope(client: FlaskClient, keyring: Keyring) -> None:
    reader = new_program(client, keyring, Scope.PEOPLE_READ)
    assert reader.get("/people").status_code == 200
    answer = reader.post("/people", {})
    assert answer.status_code == 403
    assert "people:write" in answer.json["detail"]
    assert 'scope="people:write"' in answer.headers["WWW-Authenticate"]


def test_what_is_refused_to_a_key_is_audited_and_unknown_keys_are_counted(
    program: Program, client: FlaskClient, keyring: Keyring
) -> None:
    reader = new_program(client, keyring, Scope.PEOPLE_READ)
    reader.post("/people", {})
    reader.post("/people", {})
    with unscoped() as session:
        session.execute(update(ApiKey).values(revoked_at=func.now()))
    reader.get("/people")
    with scoped(reader.officer.organisation_id) as session:
        query = select(AuditEntry.details).where(AuditEntry.action == "key.refused")
        told = session.scalars(query.order_by(AuditEntry.number)).all()
    assert told == [
        {"route": "people_api.register_person", "reason": "scope", "needs": "people:write"},
        {"route": "people_api.list_people", "reason": "ended"},
    ], "the second of the same within a minute is held back"
    for _ in range(3):
        client.get(
            "/api/v1/audit",
            headers={"Authorization": "Bearer rck_x"},
            environ_overrides={"REMOTE_ADDR": "192.0.2.1"},
        )
    with unscoped() as session:
        (event,) = session.scalars(select(SecurityEvent)).all()
    assert (event.kind, event.place, event.count) == ("unknown_key", "audit_api.list_audit", 1)
    assert len(event.network) == 12


def test_no_key_calls_faster_than_its_pace(
    app: APIFlask, program: Program, client: FlaskClient, keyring: Keyring
) -> None:
    app.extensions["rollcall"] = replace(app.extensions["rollcall"], pace=Pace(0.01))
    slow = Pace(100)
    assert [slow.wait("one") for _ in range(201)] == [0] * 200 + [1]
    assert slow.wait("another") == 0
    assert program.get("/people").status_code == 429
    answer = program.get("/people")
    assert answer.json["code"] == "too_many_requests"
    assert int(answer.headers["Retry-After"]) > 90


def test_another_organisation_sees_nothing(program: Program, client: FlaskClient, keyring: Keyring) -> None:
    person = program.add_person()
    other = new_program(client, keyring, organisation="Consulate of Sylvania", email="t@example.org")
    for method in ("GET", "PATCH", "DELETE"):
        assert other.call(method, f"/people/{person['id']}", {}).status_code == 404
    assert other.get("/people").json["items"] == []
    assert other.post("/people/search", {"reference": person["reference"]}).json["items"] == []
    assert other.add_person(contacts=person_contacts(person))["id"] != person["id"]
    assert program.get(f"/people/{person['id']}").status_code == 200


def person_contacts(person: dict[str, list[dict[str, str]]]) -> list[dict[str, str]]:
    return [{"channel": c["channel"], "address": c["address"]} for c in person["contacts"]]


def test_a_key_notes_its_last_use(program: Program) -> None:
    program.get("/people")
    with unscoped() as session:
        assert session.query(ApiKey).one().used_at is not None
