"""What a new database gets so that one can sign in: an organisation and two officers, as approval needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from registry.audit.services import record, system
from registry.crypto import Keyring
from registry.database import unscoped
from registry.database.session import set_scope
from registry.organisations.models import Role
from registry.organisations.scope import organisation_ids
from registry.organisations.services import add_officer, create_organisation

ORGANISATION = "Consular Service"
OFFICERS = (("First Officer", "first@consulate.example"), ("Second Officer", "second@consulate.example"))
LOCK = 0x46697273  # "Firs"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A way to sign in, known only here and only now."""

    email: str
    password: str


def first_officers(keyring: Keyring, valid_for: timedelta) -> list[Credentials]:
    """Make the first organisation and its officers, with every role and a one-time password good for `valid_for`; none
    when there is an organisation."""
    with unscoped() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if organisation_ids(session):
            return []
        organisation = create_organisation(session, keyring, ORGANISATION)
        made = [
            add_officer(session, organisation, email, list(Role), name, valid_for=valid_for)
            for name, email in OFFICERS
        ]
        set_scope(session, organisation.id)
        for new in made:
            details = {"roles": list(new.officer.roles)}
            record(session, system(organisation.id), "officer.add", new.officer.public_id, details)
        return [Credentials(new.officer.email, new.password) for new in made]
