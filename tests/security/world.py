"""Two organisations, each with one of everything that has an address of its own."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO

from sqlalchemy import select, text

from alerts.casework import referrals
from alerts.casework.points import save_point
from alerts.inbox import shifts
from alerts.responses.cases import open_case
from alerts.sandbox.services import Letter, find, keep
from registry.crypto import Keyring
from registry.custody import shredding
from registry.database import Session, scoped
from registry.database.session import set_scope
from registry.exports import services as exports
from registry.exports.purposes import Purpose
from registry.imports.uploading import upload
from registry.organisations.keys import add_key, live_keys_of
from registry.organisations.models import Officer, Organisation, Role, Scope
from registry.organisations.services import add_officer, create_organisation
from registry.people.intake import read_person
from registry.people.links import new_link
from registry.people.listing import Wanted
from registry.people.models import Person, Source
from registry.people.services import register
from registry.people.vault import Vault
from registry.posts.services import create_post
from registry.sharing.models import Agreement
from registry.sharing.services import consent
from registry.staff.grants import ask_for_key
from tests.alerts.offices import Office
from tests.desk import own_password
from tests.factors import give_app

POINT = {"country": "LB", "name": "School", "what": "Beds", "place": "Hamra", "hours": "Day and night"}
TABLE = b"phone,country,language\n+999204000001,LB,en\n"
ANYTHING = {
    "alert_id": str(uuid.UUID(int=1)),
    "case_id": str(uuid.UUID(int=1)),
    "code": "LB",
    "country": "LB",
    "export_id": str(uuid.UUID(int=1)),
    "filename": "site.css",
    "import_id": str(uuid.UUID(int=1)),
    "key_id": str(uuid.UUID(int=1)),
    "kind": "kannel",
    "name": "0" * 32,
    "number": "999999",
    "person_id": str(uuid.UUID(int=1)),
    "post_id": str(uuid.UUID(int=1)),
    "public_id": str(uuid.UUID(int=1)),
    "sign_in_id": str(uuid.UUID(int=1)),
    "token": "0" * 32,
}
"""A value for each parameter of an address that names nothing there is."""


@dataclass
class Side:
    """One organisation; `things` are the values that the parameters of addresses have for what it holds."""

    organisation_id: int
    things: dict[str, dict[str, str]] = field(default_factory=dict)
    officers: dict[str, str] = field(default_factory=dict)
    """Addresses of officers, by role; one has them all, under "all"."""


def make_side(keyring: Keyring, name: str) -> Side:
    """An organisation with an officer for each role, and one person, alert, case, import, post and so on."""
    office = Office.open(keyring, name)
    side = Side(office.organisation.id)
    person, alert, draft = office.register(), office.approved(), office.draft()
    with scoped(side.organisation_id) as session:
        organisation = session.get_one(Organisation, side.organisation_id)
        for word, roles in {**{role.value: [role] for role in Role}, "all": list(Role)}.items():
            officer = add_officer(session, organisation, f"{word}@{organisation.id}.example", roles).officer
            own_password(officer)
            give_app(session, keyring, officer)
            side.officers[word] = officer.email
        vault = Vault.open(session, keyring, side.organisation_id)
        found = upload(session, vault, office.author, "people.csv", BytesIO(TABLE))
        phone = vault.address(session.get_one(Person, person.id).contacts[0])
        keep(session, keyring, side.organisation_id, "sms", [Letter(phone, "Hello", "en")])
        export = exports.ask(session, officer, Purpose.FIGURES, Wanted(), expected=1, limit=1000)
        post = create_post(session, keyring, organisation, "Beirut", ["LB"])
        shred = shredding.ask(session, officer, post, "Fallen")
        spare = add_officer(
            session, organisation, f"spare@{organisation.id}.example", [Role.REGISTRAR]
        ).officer
        grant = ask_for_key(session, office.author, spare, [Scope.PEOPLE_READ])
        add_key(session, spare, [Scope.PEOPLE_READ])
        given, received = agree(session, keyring, officer)
        side.things = {
            "agreement": {"public_id": given},
            "received": {"public_id": received},
            "referral": {"public_id": refer(session, keyring, received)},
            "handover": {"public_id": hand_over(session, vault, officer)},
            "point": {"public_id": str(save_point(session, officer, POINT).public_id)},
            "post": {"public_id": str(post.public_id), "post_id": str(post.public_id)},
            "shred": {"public_id": str(shred.public_id)},
            "officer": {"public_id": str(spare.public_id)},
            "key": {"key_id": str(live_keys_of(session, spare)[0].public_id)},
            "grant": {"public_id": str(grant.public_id)},
            "export": {"public_id": str(export.public_id), "export_id": str(export.public_id)},
            "alert": {"alert_id": str(alert.public_id)},
            "draft": {"alert_id": str(draft.public_id)},
            "case": {"case_id": str(open_case(session, person, alert.id).public_id)},
            "import": {"import_id": str(found.public_id), "public_id": str(found.public_id)},
            "person": {"person_id": str(person.public_id), "public_id": str(person.public_id)},
            "conversation": {"name": find(session, keyring, side.organisation_id, phone).hex()},
            "link": {"token": new_link(session, person)},
        }
    return side


def refer(session: Session, keyring: Keyring, received: str) -> str:
    """A case that the giver of an agreement refers to its recipient; the session stays scoped to both."""
    agreement = session.scalars(select(Agreement).where(Agreement.public_id == uuid.UUID(received))).one()
    giver = agreement.organisation
    officer = add_officer(session, giver, f"refers@{giver.id}.example", [Role.CASE_WORKER]).officer
    set_scope(session, agreement.recipient_id, giver.id)
    vault = Vault.open(session, keyring, giver.id)
    data = {"language": "en", "contacts": [{"channel": "email", "address": "a@example.org"}]}
    person = register(session, vault, read_person(data | {"stays": [{"country": "LB"}]}), Source.OFFICER)
    consent(session, person, agreement)
    case = open_case(session, person, None)
    return str(referrals.refer(session, vault, officer, case, agreement.public_id, "A bed").public_id)


def hand_over(session: Session, vault: Vault, officer: Officer) -> str:
    """The note of a shift that ended."""
    shifts.begin(session, officer)
    shifts.end(session, vault.keys, officer, "All is quiet.")
    return str(shifts.left(session)[0].public_id)


def agree(session: Session, keyring: Keyring, officer: Officer) -> tuple[str, str]:
    """An agreement that the officer's organisation gives to a partner of its own, and one that it receives."""
    partner = create_organisation(session, keyring, f"Partner of {officer.organisation_id}")
    sides = [(officer.organisation_id, partner.id), (partner.id, officer.organisation_id)]
    today = datetime.now(UTC).date()
    made = [
        Agreement(
            organisation_id=giver,
            recipient_id=recipient,
            purpose="Evacuation",
            countries=["LB"],
            starts=today,
            ends=today + timedelta(days=9),
            recorded_by_id=officer.id,
            countersigned_by_id=officer.id,
            countersigned_at=datetime.now(UTC),
        )
        for giver, recipient in sides
    ]
    session.add_all(made)
    session.flush()
    return str(made[0].public_id), str(made[1].public_id)


def fingerprint(organisation_id: int) -> dict[str, str]:
    """What each table holds of an organisation, as a digest; without what merely counts sign-ins and calls."""
    with scoped(organisation_id) as session:
        tables = session.scalars(
            text(
                "SELECT table_name FROM information_schema.columns WHERE column_name = 'organisation_id' "
                "AND table_schema = 'public' AND table_name NOT IN ('officers', 'api_keys') ORDER BY 1"
            )
        ).all()
        return {
            table: session.scalar(
                text(
                    f"SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM {table} t "
                    "WHERE organisation_id = :number"
                ),
                {"number": organisation_id},
            )
            or ""
            for table in tables
        }
