"""Someone with a browser, and their phone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from registry.crypto import Keyring
from registry.database import scoped
from registry.notices.models import Notice
from registry.notices.services import open_content
from registry.organisations.models import Organisation
from registry.people.models import ContactPoint
from registry.people.vault import Vault

PHONE = "+999700123456"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Received:
    """A message that waits to be sent."""

    address: str
    subject: str | None
    text: str

    @property
    def code(self) -> str:
        """The code it brings."""
        found = re.search(r"\b\d{6}\b", self.text)
        assert found, self.text
        return found[0]

    @property
    def link(self) -> str:
        """The path of the link it brings."""
        found = re.search(r"https?://[^/]+(/me/\S+)", self.text)
        assert found, self.text
        return found[1]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Opens pages and fills in their forms as a browser without JavaScript does."""

    client: FlaskClient
    keyring: Keyring

    def open(self, path: str) -> TestResponse:
        """GET, with redirects."""
        return self.client.get(path, follow_redirects=True)

    def send(
        self, page: str, fields: dict[str, str], to: str | None = None, follow: bool = True
    ) -> TestResponse:
        """Load a page, then post its form, by default to the same address."""
        token = TOKEN.search(self.open(page).text)
        assert token, f"no form on {page}"
        data = {"csrf_token": token[1], **fields}
        return self.client.post(to or page, data=data, follow_redirects=follow)

    def join(self, country: str = "LB", **fields: str) -> TestResponse:
        """Send the form of joining."""
        usual = {"channel": "sms", "phone": PHONE, "phone_country": country, "language": "en"}
        return self.send(f"/register/{country}", usual | fields)

    def member(self, organisation: Organisation, country: str = "LB", **fields: str) -> str:
        """Join and confirm; the path of one's own page."""
        self.join(country, **fields)
        code = self.inbox(organisation)[-1].code
        answer = self.send("/register/confirm", {"code": code}, follow=False)
        assert answer.status_code == 303, answer.text
        return answer.location.partition("?")[0]

    def inbox(self, organisation: Organisation) -> list[Received]:
        """All messages of an organisation, in the order they were queued."""
        with scoped(organisation.id) as session:
            vault = Vault.open(session, self.keyring, organisation.id)
            found = []
            for notice in session.scalars(select(Notice).order_by(Notice.id)):
                contact = session.get_one(ContactPoint, notice.contact_point_id)
                content = open_content(vault, notice, contact.person)
                found.append(Received(vault.address(contact), content["subject"], content["text"]))
            return found


def text_of(answer: TestResponse) -> str:
    """What one reads on a page."""
    body = answer.text.partition("<main")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def weight(client: FlaskClient, path: str, language: str = "en") -> int:
    """Bytes on the wire of a page with all that it loads."""
    plain = client.get(path, headers={"Accept-Language": language}).text
    assets = re.findall(r'(?:src|href)="(/static/[^"]+)"', plain)
    assert len(assets) == 3
    total = 0
    for address in (path, *assets):
        with client.get(address, headers={"Accept-Encoding": "gzip", "Accept-Language": language}) as answer:
            total += len(answer.data)
    return total
