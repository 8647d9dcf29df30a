"""Messages that come in, kept sealed under their sender's key."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from alerts.responses.holders import Holder
from alerts.responses.models import Meaning, Reply
from registry.crypto import Unreadable
from registry.people.models import Person
from registry.people.vault import Vault, cipher_of

TEXT_LIMIT = 1600
"""Characters of a reply that are kept: as many as a provider joins into one message."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message from a phone or a mailbox. `address` is in normal form; `provider_id` makes a message count once.

    `meaning` is given where it has been understood already, by the provider or in the conversation.
    """

    address: str
    text: str
    provider_id: str
    via: str = "sms"
    meaning: Meaning | None = None
    media: bool = False
    """Pictures or sound came with it, which we leave where they are."""


def keep(
    session: Session,
    holder: Holder,
    inbound: Inbound,
    meaning: Meaning,
    alert_id: int | None,
    *,
    needs_reading: bool,
) -> int | None:
    """Store a message and return its number; None when it is there already."""
    person, sealed = holder.person, None
    with suppress(Unreadable):  # what it means counts, though its words can't be kept
        sealed = seal_reply(holder.vault, person, inbound.text[:TEXT_LIMIT])
    statement = (
        insert(Reply)
        .values(
            organisation_id=holder.vault.organisation.id,
            contact_point_id=holder.contact.id,
            person_id=person.id,
            alert_id=alert_id,
            provider_id=inbound.provider_id,
            sealed_text=sealed,
            meaning=meaning,
            via=inbound.via,
            needs_reading=needs_reading,
        )
        .on_conflict_do_nothing()
        .returning(Reply.id)
    )
    return session.scalar(statement)


def seal_reply(vault: Vault, person: Person, text: str) -> bytes | None:
    """What somebody wrote, sealed."""
    return cipher_of(vault.keys, person).seal_text(text, _text_row(person))


def reply_text(vault: Vault, person: Person, reply: Reply) -> str | None:
    """What a person wrote."""
    return cipher_of(vault.keys, person).open_text(reply.sealed_text, _text_row(person))


def _text_row(person: Person) -> bytes:
    return b"replies.text:" + person.public_id.bytes
