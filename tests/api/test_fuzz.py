"""Whatever a program sends, allowed by the OpenAPI document or not: no fault of ours, and no answer unknown to it."""

from __future__ import annotations

import os
from io import BytesIO

import pytest
import schemathesis
from apiflask import APIFlask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from registry.crypto import Keyring
from registry.database import unscoped
from registry.organisations.models import Post, PostCountry, Role, Scope
from registry.organisations.services import add_officer, find_organisation
from tests.alerts.offices import request
from tests.programs import Program, new_program

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = int(os.environ.get("ROLLCALL_FUZZ", "2"))
"""Of each kind for each call; more find no more, and take their time. ROLLCALL_FUZZ=100 is a run of half an hour."""


@pytest.fixture
def program(app: APIFlask, keyring: Keyring) -> Program:
    return new_program(app.test_client(), keyring)


def known(program: Program) -> dict[str, str]:
    """Ids of things that are there, by the name of the parameter."""
    file = BytesIO(b"phone,country,language\n+999123000001,FR,fr\n")
    return {
        "person_id": program.add_person()["id"],
        "alert_id": program.post("/alerts", request()).json["id"],
        "import_id": program.post("/imports", data={"file": (file, "people.csv")}).json["id"],
    }


def callers(app: APIFlask, keyring: Keyring) -> list[str]:
    """What those send who may less: a key of each scope, one of an officer at a post, one that isn't known, none."""
    with unscoped() as session:
        body = find_organisation(session, "Consulate of Freedonia")
        assert body
        post = Post(organisation_id=body.id, name="Embassy", countries=[PostCountry(country="NP")])
        session.add(post)
        session.flush()
        officer = add_officer(session, body, "post@example.org", list(Role)).officer
        officer.post_id = post.id
        add_officer(session, body, "low@example.org", [Role.AUDITOR])
    client = app.test_client()
    made = [new_program(client, keyring, scope, email="low@example.org") for scope in Scope]
    at_post = new_program(client, keyring, email="post@example.org")
    return [f"Bearer {key}" for key in (*(one.key for one in made), at_post.key, "rck_none")] + [""]


def test_no_request_gets_an_undeclared_answer(app: APIFlask, keyring: Keyring, program: Program) -> None:
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    ids = known(program)
    others = callers(app, keyring)
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) >= 28
    for operation in sorted(operations, key=lambda one: one.method.upper() == "DELETE"):
        for mode in GenerationMode:
            send_some(operation, mode, f"Bearer {program.key}", others, ids)


def send_some(
    operation: APIOperation, mode: GenerationMode, whole: str, others: list[str], ids: dict[str, str]
) -> None:
    """A few examples by a key that may do all; the first of them before by everyone who may less."""
    left = list(others)

    @given(operation.as_strategy(generation_mode=mode), st.booleans())
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def send(case: Case, real: bool) -> None:
        if real:
            case.path_parameters = {
                name: ids.get(name, value) for name, value in case.path_parameters.items()
            }
        while left:
            answer = case.call(headers={"Authorization": left.pop()})
            case.validate_response(answer, checks=CHECKS)
        answer = case.call(headers={"Authorization": whole})
        case.validate_response(answer, checks=CHECKS)

    send()
