from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.crypto import Keyring
from tests.programs import Program, new_program


@pytest.fixture
def program(client: FlaskClient, keyring: Keyring) -> Program:
    return new_program(client, keyring)


@pytest.fixture
def approver(client: FlaskClient, keyring: Keyring, program: Program) -> Program:
    return new_program(client, keyring, email="approver@example.org")


@pytest.fixture
def alert() -> dict[str, Any]:
    """The body of a POST /alerts, as the documentation has it."""
    return {
        "type": "alert",
        "level": "voluntary return",
        "crisis": "earthquake",
        "severity": "severe",
        "area": {"countries": ["LB"], "subdivisions": []},
        "filters": {},
        "texts": {
            "en": {
                "sms": "Stay away from buildings.",
                "subject": "Earthquake",
                "body": "Stay away from buildings.",
            },
            "fr": {"sms": "Éloignez-vous des murs.", "subject": "Séisme", "body": "Éloignez-vous des murs."},
        },
        "channels": ["sms", "email"],
        "expires_at": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
        "next_update_at": (datetime.now(UTC) + timedelta(hours=3)).isoformat(),
        "exercise": False,
    }


@pytest.fixture
def people(program: Program) -> list[dict[str, Any]]:
    """In Lebanon: one by SMS in French, one by email in Arabic, one by both in English. In France: one."""
    lebanon = [{"country": "LB"}]
    mail = [{"channel": "email", "address": f"{name}@example.org"} for name in ("b", "c")]
    number = {"channel": "sms", "address": "+999555000111"}
    return [
        program.add_person(stays=lebanon),
        program.add_person(stays=lebanon, language="ar", contacts=[mail[0]]),
        program.add_person(stays=lebanon, language="en", contacts=[number, mail[1]]),
        program.add_person(),
    ]


def draft(program: Program, alert: dict[str, Any], **changes: Any) -> str:
    """The id of a new draft."""
    answer = program.post("/alerts", {**alert, **changes})
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def approved(program: Program, approver: Program, alert: dict[str, Any]) -> str:
    """The id of a new alert that has just been approved."""
    number = draft(program, alert)
    assert program.post(f"/alerts/{number}/submit").status_code == 200
    assert approver.post(f"/alerts/{number}/approve").status_code == 200
    return number
