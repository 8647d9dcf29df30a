"""The OpenAPI document tells the truth about every call."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from tests.alerts.api.conftest import approved, draft
from tests.programs import PERSON, Program
from tests.shapes import check, resolve

HOSTILE = ({"x": 1}, {"reason": "because"}, {})


@pytest.fixture
def document(program: Program) -> dict[str, Any]:
    answer = program.client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json)


def calls(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, call in item.items():
            yield method.upper(), path, call


def verify(answer: TestResponse, call: dict[str, Any], document: dict[str, Any]) -> None:
    """The answer is one of those declared: status, media type, shape."""
    name = f"{call['operationId']}: {answer.status_code} {answer.text[:300]}"
    declared = call["responses"].get(str(answer.status_code))
    assert declared, name
    if "content" not in declared:
        assert answer.data == b"", name
        return
    assert answer.mimetype in declared["content"], name
    check(answer.json, declared["content"][answer.mimetype]["schema"], document)


def test_it_is_whole(app: APIFlask, document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    references = re.findall(r'"\$ref": "(#[^"]+)"', json.dumps(document))
    assert all(resolve(reference, document) for reference in references)
    rules = {
        (method, re.sub(r"<(?:uuid:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.endpoint != "openapi.spec"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(method, path) for method, path, _ in calls(document)} == rules
    names = [call["operationId"] for _, _, call in calls(document)]
    assert len(names) == len(set(names))


def test_every_call_says_what_it_takes_and_gives(document: dict[str, Any]) -> None:
    for method, path, call in calls(document):
        assert call["security"], path
        assert call["summary"].endswith("."), path
        assert {"401", "403", "503"} <= call["responses"].keys(), path
        headers = [p["name"] for p in call["parameters"] if p["in"] == "header"]
        assert headers == (["Idempotency-Key"] if method == "POST" else []), path
        for status, answer in call["responses"].items():
            media = set(answer.get("content", {}))
            assert media == (
                {"application/problem+json"} if status >= "400" else media & {"application/json"}
            )


def test_every_call_answers_as_declared(
    program: Program, approver: Program, document: dict[str, Any], alert: dict[str, Any], people: list[Any]
) -> None:
    export = {"purpose": "figures", "expected": len(people)}
    ids = {
        "person_id": people[0]["id"],
        "alert_id": draft(program, alert),
        "import_id": program.post("/imports", data=upload()).json["id"],
        "case_id": str(uuid.uuid4()),
        "export_id": program.post("/exports", export).json["id"],
    }
    approved(program, approver, alert)
    bodies = {
        "register_person": {**PERSON, "contacts": [{"channel": "email", "address": "z@example.org"}]},
        "search_people": {"reference": people[0]["reference"]},
        "change_person": {"quiet": True},
        "preview_alert": alert,
        "draft_alert": alert,
        "change_alert": {"severity": "minor"},
        "return_alert": {"reason": "because"},
        "ask_for_export": export,
        "change_case": {"note": "x"},
    }
    right = set()
    for method, path, call in sorted(calls(document), key=lambda each: (each[0] == "DELETE", each[1])):
        address = path.removeprefix("/api/v1")
        real = address.format(**ids)
        unknown = address.format(**dict.fromkeys(ids, str(uuid.uuid4())))
        verify(program.client.open(path, method=method), call, document)
        for body in HOSTILE if "requestBody" in call else (None,):
            verify(program.call(method, unknown, body), call, document)
            verify(program.call(method, f"{unknown}?limit=x&after=y", body), call, document)
        if call["operationId"] == "import_people":
            answer = program.post(real, data=upload())
        else:
            answer = program.call(method, real, bodies.get(call["operationId"]))
        verify(answer, call, document)
        if answer.status_code < 300:
            right.add(call["operationId"])
        for wrong in (b"{", b"[]", b'"\xff"'):
            verify(program.call(method, real, data=wrong, content_type="application/json"), call, document)
    missed = {call["operationId"] for _, _, call in calls(document)} - right
    assert missed == {  # tried in other tests, in a state that allows them
        "submit_alert",
        "get_case",
        "change_case",
        "approve_alert",
        "break_glass_alert",
        "pause_alert",
        "resume_alert",
        "return_alert",
    }


def upload() -> dict[str, Any]:
    return {"file": (BytesIO(b"phone,country,language\n+999123000001,FR,fr\n"), "people.csv")}
