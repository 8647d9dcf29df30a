"""Opening and sealing a person's fields. Each value is bound to its row."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.addresses import mask
from registry.crypto import Keyring, PersonCipher, Unreadable
from registry.crypto.keyring import OrganisationKeys
from registry.organisations.models import Organisation
from registry.organisations.services import keys_of
from registry.people.models import ContactPoint, Person, Stay

HIDDEN = "•••"
"""What stands for an address that can't be read."""


def name_row(person: bytes) -> bytes:
    """Associated data of a name; `person` is the public id."""
    return b"people.name:" + person


def address_row(person: bytes, address_index: bytes) -> bytes:
    """Associated data of an address: moved to another row, it no longer opens."""
    return b"contact_points.address:" + person + address_index


def place_row(person: bytes) -> bytes:
    """Associated data of a stay's place."""
    return b"stays.place:" + person


def cipher_of(keys: OrganisationKeys, person: Person) -> PersonCipher:
    """The person's cipher; raises Unreadable once the key is gone."""
    return keys.person(person.key.wrapped_key, person.public_id.bytes)


@dataclass(frozen=True, slots=True)
class Vault:
    """An organisation with its keys at hand, for one transaction that is scoped to it."""

    organisation: Organisation
    keys: OrganisationKeys

    @classmethod
    def open(cls, session: Session, keyring: Keyring, organisation_id: int) -> Vault:
        """By number; the organisation must exist."""
        organisation = session.get_one(Organisation, organisation_id)
        return cls(organisation, keys_of(keyring, organisation))

    def opens(self, person: Person) -> bool:
        """Whether what is sealed of this person can be read here and now."""
        try:
            cipher_of(self.keys, person)
        except Unreadable:
            return False
        return True

    def name(self, person: Person) -> str | None:
        """The person's name."""
        return cipher_of(self.keys, person).open_text(person.sealed_name, name_row(person.public_id.bytes))

    def address(self, contact: ContactPoint) -> str:
        """The contact point's address."""
        person = contact.person
        row = address_row(person.public_id.bytes, contact.address_index)
        return cipher_of(self.keys, person).open(contact.sealed_address, row).decode()

    def masked(self, contact: ContactPoint) -> str:
        """The contact point's address with all but its ends hidden; all of it while it can't be read."""
        try:
            return mask(self.address(contact))
        except Unreadable:
            return HIDDEN

    def place(self, stay: Stay) -> str | None:
        """The stay's place."""
        person = stay.person
        return cipher_of(self.keys, person).open_text(stay.sealed_place, place_row(person.public_id.bytes))
