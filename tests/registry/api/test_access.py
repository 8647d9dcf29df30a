from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import func, update

from registry.crypto import Keyring
from registry.database import unscoped
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
