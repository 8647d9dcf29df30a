"""Naming and forgetting an emergency contact. Every function expects a session scoped to the organisation."""

from __future__ import annotations

import json
from typing import TypedDict

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from alerts.family.models import Kin
from registry.crypto import Keyring
from registry.custody.opening import keys_of_each
from registry.organisations.scope import organisation_ids
from registry.people.models import Person
from registry.people.vault import Vault, cipher_of


class Details(TypedDict):
    """Whom to ask, in which language (BCP 47), and the name by which they know the person."""

    address: str
    language: str
    name: str


def name_kin(session: Session, vault: Vault, person: Person, details: Details) -> None:
    """Name an emergency contact in the place of an earlier one. Who has stopped our messages isn't brought back."""
    index = vault.keys.blind_index(details["address"])
    sealed = cipher_of(vault.keys, person).seal(
        json.dumps(details, ensure_ascii=False).encode(), _row(person)
    )
    known = kin_of(session, person)
    if known is not None and known.address_index == index:
        known.sealed_details = sealed
        session.flush()
        return
    forget_kin(session, person)
    values = {
        "organisation_id": person.organisation_id,
        "person_id": person.id,
        "address_index": index,
        "sealed_details": sealed,
        "created_at": func.now(),
        "updated_at": func.now(),
    }
    session.execute(insert(Kin).values(**values).on_conflict_do_nothing())


def forget_kin(session: Session, person: Person) -> None:
    """Nobody is asked any more."""
    session.execute(delete(Kin).where(Kin.person_id == person.id))


def kin_of(session: Session, person: Person) -> Kin | None:
    """Whom the person has named."""
    return session.scalar(select(Kin).where(Kin.person_id == person.id))


def details_of(vault: Vault, kin: Kin) -> Details:
    """What is known of them. Raises Unreadable once the person's key is gone."""
    cipher = cipher_of(vault.keys, kin.person)
    found: Details = json.loads(cipher.open(kin.sealed_details, _row(kin.person)))
    return found


def stop_asking(session: Session, keyring: Keyring, address: str) -> None:
    """STOP from an emergency contact: whoever named this number, it is asked nothing more.

    The session is scoped to all organisations.
    """
    keys = keys_of_each(session, keyring, organisation_ids(session))
    named = [(number, one.blind_index(address)) for number, one in keys.items()]
    session.execute(
        update(Kin)
        .where(tuple_(Kin.organisation_id, Kin.address_index).in_(named))
        .values(stopped_at=func.now())
    )


def _row(person: Person) -> bytes:
    return b"kin.details:" + person.public_id.bytes
