"""Taking mail in: bounces become receipts, answers go the way of any reply."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from alerts.conversation.hearing import hear
from alerts.delivery.keeping import keep
from alerts.delivery.reference import Reference
from alerts.mailbox.parsing import Bounce, MailReply, parse
from alerts.responses.meanings import understand
from alerts.responses.models import Meaning
from alerts.responses.receiving import receive
from alerts.responses.storing import TEXT_LIMIT, Inbound
from registry.crypto import Keyring
from registry.database import unscoped
from registry.database.session import set_scope
from registry.notices.services import queue
from registry.people.models import ChannelName, ContactPoint
from registry.people.vault import Vault

BOUNCING = frozenset({"email", "notice", "outgoing"})
"""Kinds of messages of which a bounce is to be noted; not the mail to officers."""
EMAIL = ChannelName.EMAIL.value
ANSWER_FOR = timedelta(hours=6)


class Taken(StrEnum):
    """What was done with a mail."""

    BOUNCE = "bounce"
    REPLY = "reply"
    IGNORED = "ignored"


def take(keyring: Keyring, raw: bytes, recipients: Iterable[str] = ()) -> Taken:
    """Take in one mail, in transactions of its own; the same mail twice does nothing the second time."""
    found = parse(raw, keyring.signing_key, recipients)
    if isinstance(found, Bounce):
        if found.reference.channel not in BOUNCING:
            return Taken.IGNORED
        keep(found.reference, found.receipt)
        return Taken.BOUNCE
    if found is None or not found.text:
        return Taken.IGNORED
    with unscoped() as session:
        return _answer(session, keyring, found)


def _answer(session: Session, keyring: Keyring, mail: MailReply) -> Taken:
    holder = _holder(session, keyring, mail.reference)
    text = mail.text[:TEXT_LIMIT]
    if holder is None:
        return _only_heard(session, keyring, Inbound(mail.sender, text, mail.provider_id, EMAIL))
    heard = hear(session, keyring, Inbound(holder[0].address(holder[1]), text, mail.provider_id, EMAIL))
    holder = _holder(session, keyring, mail.reference) if heard.answers else None
    if holder:
        queue(session, *holder, None, "\n\n".join(heard.answers), valid_for=ANSWER_FOR)
    return Taken.REPLY


def _only_heard(session: Session, keyring: Keyring, inbound: Inbound) -> Taken:
    """A mail that only claims to be somebody's. A call for help must not be lost, but nobody else may silence, erase or
    move them, or say that they are safe: an officer reads that. No answer: it may hit a stranger."""
    plea = understand(inbound.text) is Meaning.HELP
    meaning = Meaning.HELP if plea else Meaning.OTHER
    received = receive(session, keyring, replace(inbound, meaning=meaning))
    return Taken.IGNORED if received.language is None else Taken.REPLY


def _holder(
    session: Session, keyring: Keyring, reference: Reference | None
) -> tuple[Vault, ContactPoint] | None:
    """To whom the mail went that this one answers; None without a proof, or once they are erased."""
    if reference is None or reference.channel not in BOUNCING:
        return None
    set_scope(session, reference.organisation_id)
    contact = session.get(ContactPoint, reference.contact_point_id, populate_existing=True)
    if contact is None or contact.channel is not ChannelName.EMAIL:
        return None
    vault = Vault.open(session, keyring, reference.organisation_id)
    return (vault, contact) if vault.opens(contact.person) else None
