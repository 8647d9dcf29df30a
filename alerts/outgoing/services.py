"""Queueing and reading messages to one person. Every function expects a session scoped to the organisation."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NotRequired, TypedDict

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from alerts.outgoing.models import Outgoing, OutgoingKind, OutgoingState
from registry.checking import CONTROL
from registry.database import uuid7
from registry.errors import Conflict, Invalid, NotFound
from registry.organisations.models import Officer
from registry.people.models import ChannelName, ContactPoint, ContactState, Person
from registry.people.vault import Vault, cipher_of

LONGEST = 1000
"""Characters of a message: seven segments of GSM-7, which phones still join."""
VALID_FOR = timedelta(hours=24)
RANKS = {
    OutgoingState.PENDING: 0,
    OutgoingState.CLAIMED: 1,
    OutgoingState.UNCERTAIN: 2,
    OutgoingState.ACCEPTED: 3,
    OutgoingState.FAILED: 4,
    OutgoingState.DELIVERED: 5,
}
"""A receipt only moves a message up."""


class OutgoingContent(TypedDict):
    """What a message says; the subject is for email, the address of whom is written to about the person."""

    subject: str | None
    text: str
    address: NotRequired[str]


def reachable(person: Person, preferred: int | None = None) -> ContactPoint | None:
    """The contact point that a message should take: the one it answers, else the first in use."""
    active = [contact for contact in person.contacts if contact.state is ContactState.ACTIVE]
    return next((one for one in active if one.id == preferred), active[0] if active else None)


def write_to(
    session: Session,
    vault: Vault,
    person: Person,
    words: str,
    once: uuid.UUID,
    *,
    officer: Officer | None = None,
    subject: str | None = None,
    answering: int | None = None,
) -> Outgoing:
    """Queue a message to a person, by the contact point it answers or the first that is in use.

    The same `once` again changes nothing. Raises Invalid for words that can't be sent, Conflict "unreachable" when
    no contact point may be used.
    """
    contact = reachable(person, answering)
    if contact is None:
        raise Conflict(
            "unreachable", "None of this person's contacts can be used: they opted out, or are dead."
        )
    content = OutgoingContent(subject=subject, text=check_words(words))
    values = {
        "contact_point_id": contact.id,
        "channel": contact.channel,
        "kind": OutgoingKind.REPLY,
        "officer_id": officer.id if officer else None,
        "language": person.language,
    }
    _queue(session, vault, person, content, once, values)
    return session.scalars(select(Outgoing).where(Outgoing.once == once)).one()


def write_about(
    session: Session,
    vault: Vault,
    person: Person,
    kind: OutgoingKind,
    address: str,
    words: str,
    once: uuid.UUID,
    *,
    language: str,
    subject: str | None = None,
) -> None:
    """Queue a message about a person to somebody else, at an address in normal form; once for each `once`.

    It is sealed under the person's key, address and all, and goes with them.
    """
    content = OutgoingContent(subject=subject, text=words, address=address)
    channel = ChannelName.EMAIL if "@" in address else ChannelName.SMS
    _queue(session, vault, person, content, once, {"channel": channel, "kind": kind, "language": language})


def _queue(
    session: Session,
    vault: Vault,
    person: Person,
    content: OutgoingContent,
    once: uuid.UUID,
    values: dict[str, Any],
) -> None:
    public_id = uuid7()
    body = json.dumps(content, ensure_ascii=False).encode()
    session.execute(
        insert(Outgoing)
        .values(
            public_id=public_id,
            organisation_id=person.organisation_id,
            person_id=person.id,
            once=once,
            sealed_content=cipher_of(vault.keys, person).seal(body, _row(public_id)),
            state=OutgoingState.PENDING,
            attempts=0,
            expires_at=func.now() + VALID_FOR,
            **values,
        )
        .on_conflict_do_nothing(index_elements=["organisation_id", "once"])
    )
    session.execute(text("NOTIFY rollcall, 'notices'"))


def content_of(vault: Vault, message: Outgoing) -> OutgoingContent:
    """What a message says. Raises Unreadable once its person's key is gone."""
    cipher = cipher_of(vault.keys, message.person)
    found: OutgoingContent = json.loads(cipher.open(message.sealed_content, _row(message.public_id)))
    return found


def check_words(words: str) -> str:
    """What an officer wrote, ready to be sent. Raises Invalid."""
    found = words.replace("\r\n", "\n").strip()
    if not found:
        raise Invalid.one("text", "required", "write what is to be sent")
    if len(found) > LONGEST:
        raise Invalid.one("text", "length", f"must have at most {LONGEST} characters")
    if CONTROL.search(found):
        raise Invalid.one("text", "characters", "holds characters that can't be shown")
    return found


def messages_to(session: Session, person: Person, limit: int) -> Sequence[Outgoing]:
    """The latest messages to a person, and about them to others, the newest first."""
    query = select(Outgoing).options(joinedload(Outgoing.officer)).where(Outgoing.person_id == person.id)
    return session.scalars(query.order_by(Outgoing.id.desc()).limit(limit)).all()


def send_again(session: Session, person: Person, public_id: uuid.UUID) -> Outgoing:
    """An officer decides that a message of which nobody can say whether it left is to go (again).

    Raises NotFound, and Conflict "settled" for one that needs no decision.
    """
    found = session.scalar(
        select(Outgoing)
        .where(Outgoing.public_id == public_id, Outgoing.person_id == person.id)
        .with_for_update(of=Outgoing)
    )
    if found is None:
        raise NotFound
    if found.state not in (OutgoingState.UNCERTAIN, OutgoingState.EXPIRED, OutgoingState.FAILED):
        raise Conflict("settled", "It is on its way, or has arrived.")
    found.state, found.code, found.attempts, found.claim = OutgoingState.PENDING, None, 0, None
    found.next_attempt_at, found.expires_at = func.now(), func.now() + VALID_FOR
    session.flush()
    session.execute(text("NOTIFY rollcall, 'notices'"))
    return found


_RECEIPT = text("""
    UPDATE outgoing SET state = :state, code = :code, provider_id = coalesce(provider_id, :provider_id)
    WHERE id = :number AND state = ANY (:below)
""")


def note_receipt(
    session: Session, number: int, state: str, code: str | None, provider_id: str | None
) -> None:
    """Take in what a provider says of a message later: only ever upwards."""
    word = {"accepted": "accepted", "sent": "accepted", "delivered": "delivered", "failed": "failed"}.get(
        state
    )
    if word is None:
        return
    rank = RANKS[OutgoingState(word)]
    below = [one.value for one, other in RANKS.items() if other < rank]
    values = {"number": number, "state": word, "below": below, "code": code, "provider_id": provider_id}
    session.execute(_RECEIPT, values)


def _row(public_id: uuid.UUID) -> bytes:
    return b"outgoing.content:" + public_id.bytes
