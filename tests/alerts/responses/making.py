"""An organisation with people and an alert that went to them, as the rows stand after a sending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts.delivery.models import Delivery, DeliveryState
from alerts.delivery.partitions import open_ledger
from alerts.lifecycle.models import Alert, AlertState, AlertType, Level, Severity
from registry.crypto import Keyring
from registry.database.session import set_scope
from registry.organisations.models import Officer, Organisation, Role
from registry.organisations.services import add_officer, create_organisation
from registry.people.intake import read_person
from registry.people.models import ContactPoint, Person, Source
from registry.people.services import register
from registry.people.vault import Vault

PHONE = "+999201000001"
TEXTS = {"en": {"sms": "Strong earthquake. Stay outside.", "subject": "Earthquake", "body": "Stay outside."}}


@dataclass(frozen=True)
class House:
    """An organisation, its vault and two officers."""

    organisation: Organisation
    vault: Vault
    author: Officer
    approver: Officer

    @property
    def id(self) -> int:
        return self.organisation.id


def make_house(session: Session, keyring: Keyring, name: str = "Consulate of Freedonia") -> House:
    """The session stays scoped to the new organisation."""
    organisation = create_organisation(session, keyring, name)
    officers = [
        add_officer(session, organisation, f"{role}@{organisation.public_id}.example", [role]).officer
        for role in (Role.AUTHOR, Role.APPROVER)
    ]
    set_scope(session, organisation.id)
    return House(organisation, Vault.open(session, keyring, organisation.id), *officers)


def make_person(session: Session, house: House, phone: str | None = PHONE, **fields: object) -> Person:
    contacts = [{"channel": "sms", "address": phone}] if phone else []
    given = {"language": "en", "contacts": contacts, "stays": [{"country": "JP"}], **fields}
    return register(session, house.vault, read_person(given), Source.WEB)


def make_alert(
    session: Session, house: House, *told: Person, approved: datetime | None = None, **fields: object
) -> Alert:
    """An alert in state sent, delivered to every contact point of the people told."""
    alert = Alert(
        **{
            "organisation_id": house.id,
            "type": AlertType.ALERT,
            "state": AlertState.SENT,
            "crisis": "earthquake",
            "level": Level.PRECAUTIONARY,
            "severity": Severity.SEVERE,
            "area": {"countries": ["JP"], "subdivisions": []},
            "filters": {},
            "texts": TEXTS,
            "channels": ["sms", "email"],
            "expires_at": datetime.now(UTC) + timedelta(hours=6),
            "author_id": house.author.id,
            "approver_id": house.approver.id,
            "approved_at": approved or datetime.now(UTC),
            "snapshot": {"texts": TEXTS},
            **fields,
        }
    )
    session.add(alert)
    session.flush()
    open_ledger(session, alert.id)
    for person in told:
        deliver(session, alert, person)
    session.flush()
    return alert


def deliver(
    session: Session, alert: Alert, person: Person, state: DeliveryState = DeliveryState.ACCEPTED
) -> None:
    open_ledger(session, alert.id)
    for contact in session.scalars(select(ContactPoint).where(ContactPoint.person_id == person.id)):
        session.add(
            Delivery(
                alert_id=alert.id,
                channel=contact.channel.value,
                contact_point_id=contact.id,
                organisation_id=alert.organisation_id,
                batch_id=1,
                state=state,
                language="en",
                quiet=False,
                accepted_at=func.now(),
            )
        )
