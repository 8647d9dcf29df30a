"""A program that calls the API with a key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from registry.audit.models import AuditEntry
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.organisations import keys, services
from registry.organisations.models import Officer, Role, Scope

PERSON = {
    "language": "fr",
    "name": "Ana Example",
    "contacts": [{"channel": "sms", "address": "+999 123 456 789"}],
    "stays": [{"country": "France", "subdivision": "FR-75C", "place": "Rue Exemple", "until": "2099-01-31"}],
}


@dataclass
class Program:
    """Calls for one officer, by default with every scope."""

    client: FlaskClient
    officer: Officer
    key: str
    people: int = field(default=0)

    def call(self, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        if "idempotency" in options:
            headers["Idempotency-Key"] = options.pop("idempotency")
        if json is not None:
            options["json"] = json
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self.call("POST", path, json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self.call("PATCH", path, json, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.call("DELETE", path, **options)

    def add_person(self, **changes: Any) -> dict[str, Any]:
        """Register somebody with a number of their own."""
        self.people += 1
        contacts = [{"channel": "sms", "address": f"+9991{self.people:08}"}]
        answer = self.post("/people", {**PERSON, "contacts": contacts, **changes})
        assert answer.status_code == 201, answer.text
        return dict(answer.json or {})

    def audited(self) -> list[tuple[str, str, str | None]]:
        """Who did what to whom, in order."""
        with scoped(self.officer.organisation_id) as session:
            rows = session.scalars(select(AuditEntry).order_by(AuditEntry.number))
            return [(row.actor, row.action, row.subject) for row in rows]


def new_program(
    client: FlaskClient,
    keyring: Keyring,
    *scopes: Scope,
    organisation: str = "Consulate of Freedonia",
    email: str = "rufus@example.org",
) -> Program:
    """A key of an officer, both made where they are not there yet."""
    with unscoped() as session:
        body = services.find_organisation(session, organisation) or services.create_organisation(
            session, keyring, organisation
        )
        officer = (
            services.find_officer(session, email)
            or services.add_officer(session, body, email, [Role.AUTHOR, Role.APPROVER]).officer
        )
        return Program(client, officer, keys.add_key(session, officer, list(scopes or Scope)))


def wrong_fields(answer: TestResponse) -> set[tuple[str, str]]:
    """The fields that a 422 names, with their codes."""
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    return {(error["field"], error["code"]) for error in answer.json["errors"]}
