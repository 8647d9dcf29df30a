from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from alerts.lifecycle.services import get as get_alert
from alerts.responses.models import Safety
from alerts.responses.services import check_in
from registry.crypto import Keyring
from registry.database import scoped
from registry.organisations.models import Scope
from registry.people.services import get as get_person
from tests.alerts.api.conftest import approved
from tests.programs import Program, new_program, wrong_fields


@pytest.fixture
def answered(program: Program, approver: Program, people: list[dict[str, Any]], alert: dict[str, Any]) -> str:
    """The id of an alert to which the first two people have answered: safe, and help."""
    number = approved(program, approver, alert)
    with scoped(program.officer.organisation_id) as session:
        for person, safety in zip(people, (Safety.SAFE, Safety.HELP), strict=False):
            check_in(session, get_person(session, person["id"]), get_alert(session, number).id, safety, "sms")
    return number


def test_checkins(program: Program, people: list[dict[str, Any]], answered: str) -> None:
    page = program.get(f"/alerts/{answered}/checkins").json
    assert [(item["person"], item["safety"], item["via"]) for item in page["items"]] == [
        (people[0]["id"], "safe", "sms"),
        (people[1]["id"], "help", "sms"),
    ]
    assert page["items"][0]["reference"] == people[0]["reference"]
    assert (page["summary"]["safe"], page["summary"]["help"], page["summary"]["open_cases"]) == (1, 1, 1)
    asked = program.get(f"/alerts/{answered}/checkins?safety=help").json["items"]
    assert [item["person"] for item in asked] == [people[1]["id"]]
    first = program.get(f"/alerts/{answered}/checkins?limit=1").json
    rest = program.get(f"/alerts/{answered}/checkins", query_string={"after": first["next"]}).json
    assert first["items"] + rest["items"] == page["items"]
    assert rest["summary"] is None


def test_cases(program: Program, people: list[dict[str, Any]], answered: str) -> None:
    cases = program.get("/cases").json["items"]
    assert [(case["state"], case["person"], case["alert"]) for case in cases] == [
        ("open", people[1]["id"], answered)
    ]
    case = cases[0]
    changed = program.patch(
        f"/cases/{case['id']}",
        {"state": "in_progress", "owner": program.officer.email, "need": "Medical", "note": "Called back."},
    )
    assert changed.status_code == 200
    assert changed.json["state"] == "in_progress"
    assert (changed.json["owner"], changed.json["need"]) == (program.officer.email, "medical")
    assert program.get(f"/cases/{case['id']}").json == changed.json
    assert program.patch(f"/cases/{case['id']}", {"note": None}).json["note"] is None
    assert program.patch(f"/cases/{case['id']}", {"state": "closed"}).json["closed_at"] is not None
    assert program.patch(f"/cases/{case['id']}", {"state": "in_progress"}).status_code == 409
    assert program.get("/cases?state=open").json["items"] == []
    assert len(program.get(f"/cases?alert={answered}&state=closed").json["items"]) == 1


def test_wrong_case_changes(program: Program, answered: str) -> None:
    case = program.get("/cases").json["items"][0]
    answer = program.patch(f"/cases/{case['id']}", {"state": "gone", "owner": 5, "note": "x" * 2001, "x": 1})
    assert {field for field, _ in wrong_fields(answer)} == {"state", "owner", "note", "x"}
    answer = program.patch(f"/cases/{case['id']}", {"owner": "nobody@example.org", "need": "???"})
    assert {field for field, _ in wrong_fields(answer)} == {"owner", "need"}
    assert wrong_fields(program.patch(f"/cases/{case['id']}", {"state": None}))
    assert program.get(f"/cases/{case['id']}").json == case


def test_scopes(client: FlaskClient, keyring: Keyring, answered: str) -> None:
    helper = new_program(client, keyring, Scope.CASES_READ)
    reader = new_program(client, keyring, Scope.ALERTS_READ)
    for program in (helper, reader):
        assert program.get(f"/alerts/{answered}/checkins").status_code == 200
    assert (
        new_program(client, keyring, Scope.PEOPLE_READ).get(f"/alerts/{answered}/checkins").status_code == 403
    )
    assert reader.get("/cases").status_code == 403
    case = helper.get("/cases").json["items"][0]
    assert helper.patch(f"/cases/{case['id']}", {"state": "closed"}).status_code == 403
    other = new_program(client, keyring, organisation="Consulate of Sylvania", email="t@example.org")
    assert other.get("/cases").json["items"] == []
    assert other.patch(f"/cases/{case['id']}", {"state": "closed"}).status_code == 404
