"""An officer at a desk, with a browser that runs no scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from registry.audit.models import AuditEntry
from registry.crypto import Keyring
from registry.database import Session, scoped, unscoped
from registry.organisations.models import Officer, Role
from registry.organisations.services import (
    ONE_TIME_HASHER,
    add_officer,
    create_organisation,
    find_officer,
    find_organisation,
)
from registry.people.vault import Vault
from tests.factors import give_app, unused_code

PASSWORD = "correct horse battery staple"
QUICK = ONE_TIME_HASHER.hash(PASSWORD)
"""A hash of it that is quick to check. What officers choose on pages is hashed as slowly as ever."""
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Desk:
    """Opens pages and sends forms."""

    client: FlaskClient
    keyring: Keyring
    officer: Officer

    def open(self, path: str, follow: bool = True, **options: Any) -> TestResponse:
        return self.client.get(path, follow_redirects=follow, **options)

    def send(
        self, page: str, fields: dict[str, Any], to: str | None = None, follow: bool = True
    ) -> TestResponse:
        """Load a page, then post a form of it, by default to the same address."""
        token = TOKEN.search(self.open(page).text)
        assert token, f"no form on {page}"
        data = {"csrf_token": token[1], **fields}
        return self.client.post(to or page, data=data, follow_redirects=follow)

    def sign_in(self, password: str = PASSWORD, page: str = "/console/sign-in") -> TestResponse:
        """With the password and, where it is asked for, the code of the app."""
        answer = self.send(page, {"email": self.officer.email, "password": password})
        if answer.request.path != "/console/second-step":
            return answer
        return self.send(answer.request.full_path, {"code": unused_code(self.officer)})

    def vault(self, session: Session) -> Vault:
        return Vault.open(session, self.keyring, self.officer.organisation_id)

    def audited(self) -> list[tuple[str, str]]:
        """What this officer did, and to whom."""
        with scoped(self.officer.organisation_id) as session:
            query = select(AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.number)
            rows = session.execute(query.where(AuditEntry.actor == self.officer.email))
            return [(row.action, row.subject or "") for row in rows]


def own_password(officer: Officer) -> None:
    """PASSWORD, as their own."""
    officer.password_hash, officer.password_is_one_time, officer.one_time_until = QUICK, False, None


def new_desk(
    client: FlaskClient,
    keyring: Keyring,
    *roles: Role,
    email: str = "rufus@example.org",
    organisation: str = "Consulate of Freedonia",
    sign_in: bool = True,
) -> Desk:
    """An officer with a password and an app of their own and, by default, every role; made where not there yet."""
    with unscoped() as session:
        body = find_organisation(session, organisation) or create_organisation(session, keyring, organisation)
        officer = find_officer(session, email)
        if officer is None:
            officer = add_officer(session, body, email, list(roles or Role), "Rufus Firefly").officer
            own_password(officer)
            give_app(session, keyring, officer)
    desk = Desk(client, keyring, officer)
    if sign_in:
        assert desk.sign_in().status_code == 200
    return desk


def text_of(answer: TestResponse) -> str:
    """What one reads on a page below its header."""
    body = answer.text.partition("<main")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
