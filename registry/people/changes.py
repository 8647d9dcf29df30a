"""Changing what is known of a person, field by field. Every function expects a session scoped to the organisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from registry.checking import Checker
from registry.people import intake, services
from registry.people.intake import NewContact
from registry.people.models import ContactPoint, Person
from registry.people.vault import Vault

READERS: dict[str, Callable[[Checker, Mapping[str, Any]], Any]] = {
    "language": intake.read_language,
    "nationality": lambda check, data: check.country(data, "nationality", "nationality", required=False),
    "name": lambda check, data: check.text(data, "name", "name", 120),
    "kind": intake.read_kind,
    "household_size": intake.read_household,
    "quiet": lambda check, data: check.flag(data, "quiet"),
    "tell_family": lambda check, data: check.flag(data, "tell_family"),
    "contacts": lambda check, data: intake.read_contacts(check, data["contacts"]),
    "stays": lambda check, data: intake.read_stays(check, data["stays"]),
}


def read_changes(data: Mapping[str, Any]) -> dict[str, Any]:
    """Check and normalise the given fields of a person, in the shape of `POST /people`. An absent field stays as it
    is; null clears one that is optional; contacts and stays replace all there were. Raises Invalid."""
    check = Checker()
    changes = {field: reader(check, data) for field, reader in READERS.items() if field in data}
    check.done()
    return changes


def change(session: Session, vault: Vault, person: Person, changes: Mapping[str, Any]) -> None:
    """Apply what `read_changes` returned. Raises KnownContact, having changed nothing, when a new contact point is
    somebody else's."""
    rest = dict(changes)
    if "contacts" in rest:
        replace_contacts(session, vault, person, rest.pop("contacts"))
    if "stays" in rest:
        services.move(session, vault, person, rest.pop("stays"))
    if "name" in rest:
        services.rename(vault, person, rest.pop("name"))
    for field, value in rest.items():
        setattr(person, field, value)
    session.flush()


def replace_contacts(
    session: Session, vault: Vault, person: Person, contacts: tuple[NewContact, ...]
) -> None:
    """Give a person these contact points. One that stays keeps its state, so that nobody who opted out is brought
    back by a repeat. Raises KnownContact with the positions of those that are somebody else's."""
    kept: dict[bytes, ContactPoint] = {contact.address_index: contact for contact in person.contacts}
    indexes = [vault.keys.blind_index(contact.address) for contact in contacts]
    known = services.known_contacts(session, vault, contacts)
    taken = [position for position in known if indexes[position] not in kept]
    if taken:
        raise services.KnownContact(taken)
    for index, contact in kept.items():
        if index not in indexes:
            session.delete(contact)
    session.flush()
    session.expire(person, ["contacts"])
    for index, new in zip(indexes, contacts, strict=True):
        if index not in kept:
            services.add_contact(session, vault, person, new)
