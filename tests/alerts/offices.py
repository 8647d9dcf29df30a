"""An organisation that alerts: officers, people, drafts."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.lifecycle import services
from alerts.lifecycle.intake import read_alert
from alerts.lifecycle.models import Alert
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.organisations.models import Officer, Organisation, Role
from registry.organisations.services import add_officer, create_organisation
from registry.people.intake import read_person
from registry.people.models import Person, Source
from registry.people.services import register
from registry.people.vault import Vault

NUMBERS = itertools.count(100_000)


def request(**changes: Any) -> dict[str, Any]:
    """A whole `POST /alerts`, of an earthquake in Nepal."""
    return {
        "type": "alert",
        "level": "restriction",
        "crisis": "earthquake",
        "severity": "severe",
        "area": {"countries": ["NP"]},
        "texts": {
            "en": {"sms": "Earthquake. Stay outdoors.", "subject": "Earthquake", "body": "Stay outdoors."},
            "fr": {"sms": "Séisme. Restez dehors.", "subject": "Séisme", "body": "Restez dehors."},
        },
        "channels": ["sms", "email"],
        "expires_at": (datetime.now(UTC) + timedelta(hours=6)).isoformat(),
    } | changes


@dataclass
class Office:
    """An organisation with two officers."""

    keyring: Keyring
    organisation: Organisation
    author: Officer
    approver: Officer
    people: list[Person] = field(default_factory=list)

    @classmethod
    def open(cls, keyring: Keyring, name: str, sender: str = "Freedonia") -> Office:
        with unscoped() as session:
            organisation = create_organisation(session, keyring, name, sender_name=sender)
            word = organisation.public_id.hex
            author = add_officer(session, organisation, f"a{word}@example.org", [Role.AUTHOR]).officer
            approver = add_officer(session, organisation, f"b{word}@example.org", [Role.APPROVER]).officer
        return cls(keyring, organisation, author, approver)

    def register(self, *channels: str, **given: Any) -> Person:
        """Someone with a contact point on each channel, by default one phone, in Nepal."""
        contacts = []
        for channel in channels or ("sms",):
            number = next(NUMBERS)
            address = f"+999{number}" if channel == "sms" else f"p{number}@example.org"
            contacts.append({"channel": channel, "address": address})
        data = {"language": "en", "contacts": contacts, "stays": [{"country": "NP"}]} | given
        with scoped(self.organisation.id) as session:
            vault = Vault.open(session, self.keyring, self.organisation.id)
            return register(session, vault, read_person(data), Source.OFFICER)

    def draft(self, **changes: Any) -> Alert:
        with scoped(self.organisation.id) as session:
            return services.create_draft(session, self.author, read_alert(request(**changes)))

    def move(self, alert: Alert, name: str, officer: Officer | None = None, *args: Any) -> Alert:
        """One of the services' moves, in a transaction of its own."""
        with scoped(self.organisation.id) as session:
            found = services.get(session, alert.public_id)
            moved: Alert = getattr(services, name)(session, officer or self.author, found, *args)
            return moved

    def approved(self, **changes: Any) -> Alert:
        alert = self.draft(**changes)
        self.move(alert, "submit")
        return self.move(alert, "approve", self.approver)

    def state(self, alert: Alert) -> str:
        with scoped(self.organisation.id) as session:
            return services.get(session, alert.public_id).state.value
