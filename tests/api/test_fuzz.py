"""Whatever a program sends, allowed by the OpenAPI document or not: no fault of ours, and no answer unknown to it."""

from __future__ import annotations

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
from tests.alerts.offices import request
from tests.programs import Program, new_program

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = 2
"""Of each kind for each call; more find no more, and take their time. By hand: `schemathesis run`."""


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


def test_no_request_gets_an_undeclared_answer(app: APIFlask, program: Program) -> None:
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    ids = known(program)
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) >= 28
    for operation in sorted(operations, key=lambda one: one.method.upper() == "DELETE"):
        for mode in GenerationMode:
            send_some(operation, mode, program.key, ids)


def send_some(operation: APIOperation, mode: GenerationMode, key: str, ids: dict[str, str]) -> None:
    @given(operation.as_strategy(generation_mode=mode), st.booleans())
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def send(case: Case, real: bool) -> None:
        if real:
            case.path_parameters = {
                name: ids.get(name, value) for name, value in case.path_parameters.items()
            }
        answer = case.call(headers={"Authorization": f"Bearer {key}"})
        case.validate_response(answer, checks=CHECKS)

    send()
