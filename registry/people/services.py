"""Finding, changing and erasing people. Every function expects a session scoped to the organisation."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload, selectinload

from registry.database import get_published
from registry.organisations.models import Officer
from registry.people.homes import settle
from registry.people.intake import NewContact, NewStay
from registry.people.models import ContactPoint, ContactState, Person, Stay
from registry.people.registering import KnownContact as KnownContact
from registry.people.registering import register as register
from registry.people.sealing import REFERENCE_ALPHABET, contact_columns, stay_columns
from registry.people.vault import Vault, cipher_of, name_row, place_row
from registry.staff.reach import sees


def known_contacts(session: Session, vault: Vault, contacts: tuple[NewContact, ...]) -> list[int]:
    """Positions of those contacts that are in this organisation's registry."""
    indexes = [vault.keys.blind_index(contact.address) for contact in contacts]
    found = set(
        session.scalars(
            select(ContactPoint.address_index).where(
                ContactPoint.organisation_id == vault.organisation.id, ContactPoint.address_index.in_(indexes)
            )
        )
    )
    return [position for position, index in enumerate(indexes) if index in found]


def add_contact(
    session: Session, vault: Vault, person: Person, contact: NewContact, *, confirmed: bool = True
) -> ContactPoint:
    """Add a contact point to a person. Raises KnownContact when it is somebody's already, also under a race."""
    columns = contact_columns(vault, cipher_of(vault.keys, person), person.public_id, contact)
    row: ContactPoint | None = session.scalar(
        insert(ContactPoint)
        .values(
            organisation_id=person.organisation_id,
            person_id=person.id,
            **columns,
            state=ContactState.ACTIVE if confirmed else ContactState.UNCONFIRMED,
        )
        .on_conflict_do_nothing()
        .returning(ContactPoint)
    )
    if row is None:
        raise KnownContact([0])
    session.expire(person, ["contacts"])
    return row


def add_stay(session: Session, vault: Vault, person: Person, stay: NewStay) -> None:
    """Add a stay to a person."""
    _insert_stay(session, vault, person, stay)
    _settle(session, vault, person)


def _insert_stay(session: Session, vault: Vault, person: Person, stay: NewStay) -> None:
    cipher = cipher_of(vault.keys, person)
    row = Stay(
        organisation_id=person.organisation_id,
        person_id=person.id,
        **stay_columns(cipher, person.public_id, stay),
    )
    session.add(row)
    session.flush()
    session.expire(person, ["stays"])


def _settle(session: Session, vault: Vault, person: Person) -> None:
    """Another country may mean another post, and with it another key."""
    settle(session, vault.keys, person.organisation_id, [person.id])
    session.expire(person, ["post_id"])
    session.expire(person.key)


def move(session: Session, vault: Vault, person: Person, stays: tuple[NewStay, ...]) -> None:
    """Replace where a person is; where another post serves, their key is sealed by that post's."""
    for stay in list(person.stays):
        session.delete(stay)
    session.flush()
    for new in stays:
        _insert_stay(session, vault, person, new)
    _settle(session, vault, person)


def locate(session: Session, vault: Vault, person: Person, where: NewStay) -> None:
    """Note where in a country a person stays, or that they stay there; other stays are left as they are."""
    stay = next((stay for stay in reversed(person.stays) if stay.country == where.country), None)
    if stay is None:
        add_stay(session, vault, person, where)
        return
    cipher = cipher_of(vault.keys, person)
    stay.subdivision = where.subdivision
    stay.sealed_place = cipher.seal_text(where.place, place_row(person.public_id.bytes))
    session.flush()


def rename(vault: Vault, person: Person, name: str | None) -> None:
    """Set or clear the name."""
    person.sealed_name = cipher_of(vault.keys, person).seal_text(name, name_row(person.public_id.bytes))


WHOLE = (joinedload(Person.key), selectinload(Person.contacts), selectinload(Person.stays))
"""Loads all that showing a person needs, in three statements."""


def get(session: Session, public_id: str | uuid.UUID) -> Person:
    """By public id. Raises NotFound also for an id of another organisation or in a wrong form."""
    return get_published(session, Person, public_id, options=WHOLE)


def is_seen_by(session: Session, officer: Officer, person: Person) -> bool:
    """Whether the person has a stay in a country that the officer's post serves; at headquarters always."""
    return sees(session, officer, (stay.country for stay in person.stays))


def find_by_reference(session: Session, reference: str) -> Person | None:
    """By reference, however it is typed: case, blanks and the dash don't matter."""
    letters = "".join(char for char in reference.upper() if char in REFERENCE_ALPHABET)
    if len(letters) != 8:
        return None
    wanted = f"{letters[:4]}-{letters[4:]}"
    return session.scalar(select(Person).options(*WHOLE).where(Person.reference == wanted))


def find_contact(session: Session, vault: Vault, address: str) -> ContactPoint | None:
    """By exact address in normal form."""
    return session.scalar(
        select(ContactPoint)
        .options(joinedload(ContactPoint.person).joinedload(Person.key))
        .where(
            ContactPoint.organisation_id == vault.organisation.id,
            ContactPoint.address_index == vault.keys.blind_index(address),
        )
    )


def confirm(contact: ContactPoint) -> None:
    """A contact point has proved to be its owner's. Doesn't bring back one that opted out."""
    contact.verified_at = datetime.now(UTC)
    if contact.state is ContactState.UNCONFIRMED:
        contact.state = ContactState.ACTIVE


def opt_out(contact: ContactPoint) -> None:
    """STOP: nothing more goes to this contact point until `opt_in`."""
    contact.state = ContactState.OPTED_OUT


def opt_in(contact: ContactPoint) -> None:
    """START: messages go there again."""
    if contact.state in (ContactState.OPTED_OUT, ContactState.UNREACHABLE):
        contact.state = ContactState.ACTIVE


def erase(session: Session, person: Person) -> None:
    """Forget a person: their rows, the key that opens what backups still hold, and rows of files not yet saved.

    The database notes it, so that an old backup doesn't bring them back: see `registry.people.erasures`.
    """
    indexes = [contact.address_index for contact in person.contacts]
    for statement in _FORGET_IMPORTED:
        session.execute(statement, {"organisation": person.organisation_id, "indexes": indexes})
    remove(session, person)


_FORGET_IMPORTED = (
    text("""
        DELETE FROM import_rows r USING import_addresses a
        WHERE a.organisation_id = :organisation AND a.address_index = ANY (:indexes) AND r.import_id = a.import_id
          AND a.number IN (r.number, r.duplicate_of)
    """),
    text(
        "DELETE FROM import_addresses WHERE organisation_id = :organisation AND address_index = ANY (:indexes)"
    ),
)


def remove(session: Session, person: Person) -> None:
    """Delete a person's rows, their key among them, and nothing else."""
    session.delete(person)
    session.flush()
