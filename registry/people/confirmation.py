"""Codes that prove a contact point to be its owner's. Every function expects a session scoped to the organisation."""

from __future__ import annotations

import secrets
import unicodedata
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.crypto import Unreadable, sign, signed_matches
from registry.notices import services as notices
from registry.people import services
from registry.people.letters import code_letter
from registry.people.models import ContactCode, ContactPoint, ContactState
from registry.people.vault import Vault

VALID_FOR = timedelta(minutes=30)
MOST_ATTEMPTS = 5
DIGITS = 6
PURPOSE = "contact code"


class Answer(StrEnum):
    """What became of a code that somebody typed."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"
    """Too often wrong: this code is dead, a new one must be asked for."""
    USED = "used"


def _payload(contact: ContactPoint, code: str) -> bytes:
    return f"{contact.organisation_id}:{contact.id}:{code}".encode()


def send_code(
    session: Session, vault: Vault, signing_key: bytes, contact: ContactPoint, *, strangers: bool = True
) -> None:
    """Queue a new code for a contact point; earlier ones stay good until they expire: messages overtake others.

    Where the person's key was shredded nothing leaves, nor without `strangers` to one that was never confirmed; and
    nothing shows it: whoever asks learns nothing by it.
    """
    if not strangers and contact.state is ContactState.UNCONFIRMED:
        return
    code = new_code()
    session.add(
        ContactCode(
            organisation_id=contact.organisation_id,
            contact_point_id=contact.id,
            digest=sign(signing_key, PURPOSE, _payload(contact, code)),
            expires_at=func.now() + VALID_FOR,
        )
    )
    letter = code_letter(vault, contact.person, code)
    with suppress(Unreadable):
        notices.queue(session, vault, contact, letter.subject, letter.text, valid_for=VALID_FOR)


def new_code() -> str:
    """One that nobody can guess."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def typed_digits(text: str) -> str:
    """The digits somebody typed, in ASCII, whatever their script and whatever stands between them."""
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def check_code(session: Session, signing_key: bytes, contact: ContactPoint, text: str) -> Answer:
    """Compare what was typed with the contact point's codes, and confirm it when one matches.

    Each try counts against every live code: commit whatever the answer.
    """
    payload = _payload(contact, typed_digits(text))
    codes = session.scalars(
        select(ContactCode)
        .where(ContactCode.contact_point_id == contact.id)
        .order_by(ContactCode.id.desc())
        .limit(10)
        .with_for_update()
    ).all()
    now = session.execute(select(func.now())).scalar_one()
    matching = [code for code in codes if signed_matches(signing_key, PURPOSE, payload, code.digest)]
    live = [code for code in codes if code.used_at is None and code.expires_at > now]
    open_ones = [code for code in live if code.attempts < MOST_ATTEMPTS]
    for code in open_ones:
        code.attempts += 1
    if any(code in open_ones for code in matching):
        for code in live:
            code.used_at = now
        services.confirm(contact)
        return Answer.CONFIRMED
    if any(code.used_at for code in matching):
        return Answer.USED
    if not live or (matching and matching[0] not in live):
        return Answer.EXPIRED
    return Answer.WRONG if any(code.attempts < MOST_ATTEMPTS for code in live) else Answer.EXHAUSTED
