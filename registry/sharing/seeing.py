"""What the other organisation sees under an agreement. Every function expects a session scoped to that organisation."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from registry.audit.reading import Purpose, reading, readings
from registry.audit.services import Actor, record
from registry.database import get_published
from registry.database.session import set_scope
from registry.errors import NotFound
from registry.organisations.models import Officer
from registry.organisations.services import actor_of
from registry.people.models import Person
from registry.people.services import WHOLE
from registry.sharing.models import Agreement, Consent
from registry.sharing.services import WITH_SIDES, in_force
from registry.staff.reach import reach_of, stays_within


def see(
    session: Session, officer: Officer, public_id: uuid.UUID, after: int = 0, limit: int = 25
) -> tuple[Agreement, list[str], list[Person]]:
    """A page of the people whom an agreement in force lets this officer see, with one more where more follow; before
    them the countries concerned. They are those who consent and stay in its countries, as far as the officer's post
    serves them. Noted in both organisations' audit logs. Raises NotFound.
    """
    agreement, countries = _seen_under(session, officer, public_id)
    query = _consenting(agreement, countries).where(Person.id > after).order_by(Person.id)
    people = list(session.scalars(query.limit(limit + 1)))
    details = readings(Purpose.LOOK_UP, "people", (person.public_id for person in people[:limit]))
    _note(session, officer, agreement, "shared.read", agreement.public_id, details)
    return agreement, countries, people


def see_one(
    session: Session,
    officer: Officer,
    public_id: uuid.UUID,
    person_id: int | uuid.UUID,
    action: str,
    purpose: Purpose = Purpose.CASE,
) -> Person:
    """One person whom an agreement in force lets this officer see, as `see` does, for `action` in both audit logs.

    From here on the transaction sees both organisations' rows. Raises NotFound, also once consent was taken back.
    """
    agreement, countries = _seen_under(session, officer, public_id)
    wanted = Person.id == person_id if isinstance(person_id, int) else Person.public_id == person_id
    person: Person | None = session.scalar(_consenting(agreement, countries).where(wanted))
    if person is None:
        raise NotFound
    _note(session, officer, agreement, action, person.public_id, reading(purpose))
    return person


def _seen_under(session: Session, officer: Officer, public_id: uuid.UUID) -> tuple[Agreement, list[str]]:
    """An agreement in force with the countries in which its people are this officer's to see.

    This is the one place where a transaction is let see another organisation's rows: the agreement is asked for within
    the officer's own scope first. Raises NotFound.
    """
    ours = Agreement.recipient_id == officer.organisation_id
    agreement = get_published(session, Agreement, public_id, ours, in_force(), options=WITH_SIDES)
    reach = reach_of(session, officer)
    countries = [one for one in agreement.countries if reach is None or one in reach]
    set_scope(session, agreement.recipient_id, agreement.organisation_id)
    return agreement, countries


def _consenting(agreement: Agreement, countries: Sequence[str]) -> Any:
    return (
        select(Person)
        .options(*WHOLE)
        .join(Consent, and_(Consent.person_id == Person.id, Consent.agreement_id == agreement.id))
        .where(
            Person.organisation_id == agreement.organisation_id,
            *stays_within(Person.id, tuple(countries)),
        )
    )


def _note(
    session: Session,
    officer: Officer,
    agreement: Agreement,
    action: str,
    subject: uuid.UUID,
    details: Mapping[str, Any],
) -> None:
    """What an officer of the recipient did, in both sides' audit logs, in the order in which these are locked."""
    theirs = Actor(agreement.organisation_id, f"{agreement.recipient.name}: {officer.email}"[:254])
    whole = {"agreement": str(agreement.public_id), **details}
    for actor in sorted((actor_of(officer), theirs), key=lambda one: one.organisation_id):
        record(session, actor, action, subject, whole)
