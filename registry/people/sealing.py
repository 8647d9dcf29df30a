"""People's fields as columns of their rows, what is personal of them sealed."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from registry.crypto import PersonCipher, new_key
from registry.database import uuid7
from registry.people.homes import Homes, home_of
from registry.people.intake import Intake, NewContact, NewStay
from registry.people.vault import Vault, address_row, name_row, place_row

REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_reference() -> str:
    """Eight characters without look-alikes in two groups, e.g. "K7M2-Q9TX": 39 bits."""
    letters = [secrets.choice(REFERENCE_ALPHABET) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def contact_columns(
    vault: Vault, cipher: PersonCipher, public_id: uuid.UUID, contact: NewContact
) -> dict[str, Any]:
    """Of a contact point of the person with this public id."""
    index = vault.keys.blind_index(contact.address)
    return {
        "channel": contact.channel,
        "sealed_address": cipher.seal(contact.address.encode(), address_row(public_id.bytes, index)),
        "address_index": index,
    }


def stay_columns(cipher: PersonCipher, public_id: uuid.UUID, stay: NewStay) -> dict[str, Any]:
    """Of a stay of the person with this public id."""
    return {
        "country": stay.country,
        "subdivision": stay.subdivision,
        "sealed_place": cipher.seal_text(stay.place, place_row(public_id.bytes)),
        "starts": stay.starts,
        "ends": stay.ends,
    }


class Newcomer:
    """A person on the way in: their key, and their fields sealed with it. Rows have no numbers yet."""

    def __init__(self, vault: Vault, intake: Intake, posts: Homes) -> None:
        key, public_id = new_key(), uuid7()
        post_id = home_of(posts, (stay.country for stay in intake.stays))
        cipher = PersonCipher(key)
        self.public_id = public_id
        self.wrapped_key = vault.keys.wrap_person_key(key, public_id.bytes, post_id)
        self.person: dict[str, Any] = {
            "public_id": public_id,
            "post_id": post_id,
            "reference": new_reference(),
            "language": intake.language,
            "nationality": intake.nationality,
            "kind": intake.kind,
            "household_size": intake.household_size,
            "quiet": intake.quiet,
            "sealed_name": cipher.seal_text(intake.name, name_row(public_id.bytes)),
        }
        self.contacts = [contact_columns(vault, cipher, public_id, one) for one in intake.contacts]
        self.stays = [stay_columns(cipher, public_id, one) for one in intake.stays]
