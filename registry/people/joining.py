"""Joining by oneself on the public page. Every function expects a session scoped to the organisation."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.audit import services as audit
from registry.people import services
from registry.people.confirmation import send_code
from registry.people.intake import Intake, NewContact
from registry.people.models import ContactPoint, ContactState, Person, Source
from registry.people.vault import Vault

LOCK_SPACE = 0x4A4F  # "JO"


def join(
    session: Session, vault: Vault, signing_key: bytes, intake: Intake, *, strangers: bool = True
) -> ContactPoint:
    """Register a person who must yet confirm their one contact point, and send it a code.

    A contact point that is known here gets a code for the record it has, and nothing is changed: whoever asks can't
    tell the two apart. Without `strangers` only a contact point that was confirmed before gets one. Returns the
    contact point.
    """
    given = intake.contacts[0]
    _wait_for_others(session, vault, given)
    release_unconfirmed(session, vault, given)
    contact = services.find_contact(session, vault, given.address)
    if contact is None:
        person = services.register(session, vault, intake, Source.WEB, confirmed=False)
        contact = person.contacts[0]
        action = "person.registered"
    else:
        person, action = contact.person, "person.code_asked"
    send_code(session, vault, signing_key, contact, strangers=strangers)
    audit.record(session, audit.person(person.organisation_id), action, person.public_id)
    return contact


def _wait_for_others(session: Session, vault: Vault, given: NewContact) -> None:
    """A form sent twice at once is handled one after the other."""
    index = int.from_bytes(vault.keys.blind_index(given.address)[:4], signed=True)
    session.execute(select(func.pg_advisory_xact_lock(LOCK_SPACE, index)))


def admit(session: Session, vault: Vault, intake: Intake, source: Source) -> Person:
    """Register someone for whom an officer or a program vouches: an unproved claim to one of the addresses gives way.

    Raises KnownContact, as `services.register` does.
    """
    for position in services.known_contacts(session, vault, intake.contacts):
        release_unconfirmed(session, vault, intake.contacts[position])
    return services.register(session, vault, intake, source)


def release_unconfirmed(session: Session, vault: Vault, given: NewContact) -> None:
    """Take an address back from whoever gave it without proving it, so that nobody can hold another's address.

    A person who has no other contact point is erased with it: it is an attempt that was begun again.
    """
    contact = services.find_contact(session, vault, given.address)
    if contact is None or contact.state is not ContactState.UNCONFIRMED:
        return
    person = contact.person
    if all(other.state is ContactState.UNCONFIRMED for other in person.contacts):
        services.remove(
            session, person
        )  # and not rows of files: one of them may be why the address is taken back
        audit.record(
            session, audit.system(person.organisation_id), "person.unconfirmed_erased", person.public_id
        )
    else:
        session.delete(contact)
        session.flush()
        session.expire(person, ["contacts"])
