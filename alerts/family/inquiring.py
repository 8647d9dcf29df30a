"""Asking for a relative: who asks, the code that proves their address, and whom they ask for.

Nothing here looks anybody up. So nothing that is answered, and no time that it takes, can tell who is registered.
"""

from __future__ import annotations

import json
import unicodedata
import uuid
from datetime import timedelta
from typing import Any, Final, TypedDict

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from alerts.family.models import Inquiry
from registry.crypto import Keyring, sign, signed_matches
from registry.i18n import translations
from registry.notices.models import NoticeState
from registry.people.confirmation import MOST_ATTEMPTS, Answer, new_code, typed_digits
from registry.people.letters import CODE_SUBJECT, QUIET_CODE

VALID_FOR = timedelta(minutes=30)
LONGEST_NAME = 24
"""Characters of an asker's name: enough to be known by, too few for a message of their own."""
JOINTS: Final = frozenset(" '’-")
PURPOSE = "inquiry code"


class Asker(TypedDict):
    """Who asks: a proved address, the name they give, the language (BCP 47) to answer in."""

    address: str
    name: str
    language: str


class Letter(TypedDict):
    """The message that brings the code."""

    address: str
    language: str
    subject: str
    text: str


def is_name(text: str) -> bool:
    """Whether a name can stand in a message to somebody else: letters only, so that it holds no link and no number."""
    letters = [unicodedata.category(char)[0] in "LM" for char in text if char not in JOINTS]
    return bool(letters) and all(letters) and len(text) <= LONGEST_NAME


def begin(session: Session, keyring: Keyring, asker: Asker, *, send: bool = True) -> Inquiry:
    """Keep who asks, and queue a code to their address, or none unless `send`. Needs no scope."""
    public_id = uuid.uuid4()
    code = new_code()
    catalog = translations(asker["language"])
    letter = Letter(
        address=asker["address"],
        language=asker["language"],
        subject=catalog.gettext(CODE_SUBJECT),
        text=catalog.gettext(QUIET_CODE) % {"code": code},
    )
    inquiry = Inquiry(
        public_id=public_id,
        sealed_asker=_seal(keyring, public_id, "asker", asker),
        sealed_content=_seal(keyring, public_id, "letter", letter) if send else None,
        state=NoticeState.PENDING if send else NoticeState.FAILED,
        code_digest=sign(keyring.signing_key, PURPOSE, _payload(public_id, code)),
        expires_at=func.now() + VALID_FOR,
    )
    session.add(inquiry)
    session.flush()
    session.execute(text("NOTIFY rollcall, 'notices'"))
    return inquiry


def find(session: Session, public_id: uuid.UUID) -> Inquiry | None:
    """One that waits still, taken for the rest of the transaction."""
    query = select(Inquiry).where(
        Inquiry.public_id == public_id, Inquiry.expires_at > func.now(), Inquiry.asked_at.is_(None)
    )
    return session.scalar(query.with_for_update())


def prove(session: Session, keyring: Keyring, inquiry: Inquiry, typed: str) -> Answer:
    """Compare what was typed with the code. Each try counts: commit whatever the answer."""
    if inquiry.tries >= MOST_ATTEMPTS:
        return Answer.EXHAUSTED
    inquiry.tries += 1
    payload = _payload(inquiry.public_id, typed_digits(typed))
    if not signed_matches(keyring.signing_key, PURPOSE, payload, inquiry.code_digest):
        return Answer.WRONG
    inquiry.proved_at = session.scalar(select(func.now()))
    return Answer.CONFIRMED


def ask(session: Session, keyring: Keyring, inquiry: Inquiry, address: str) -> None:
    """Take in whom a proved asker asks for. It is passed on by itself, later."""
    inquiry.sealed_question = _seal(keyring, inquiry.public_id, "question", address)
    inquiry.asked_at = session.scalar(select(func.now()))
    session.flush()
    session.execute(text("NOTIFY rollcall, 'notices'"))


def asker_of(keyring: Keyring, inquiry: Inquiry) -> Asker:
    """Who asks. Raises Unreadable."""
    found: Asker = _open(keyring, inquiry, "asker", inquiry.sealed_asker)
    return found


def question_of(keyring: Keyring, inquiry: Inquiry) -> str:
    """The address, in normal form, of whom they ask for. Raises Unreadable."""
    return str(_open(keyring, inquiry, "question", inquiry.sealed_question or b""))


def open_letter(keyring: Keyring, inquiry: Inquiry) -> Letter:
    """What brings the code. Raises Unreadable, also once it was wiped."""
    found: Letter = _open(keyring, inquiry, "letter", inquiry.sealed_content or b"")
    return found


def _payload(public_id: uuid.UUID, code: str) -> bytes:
    return f"{public_id}:{code}".encode()


def _seal(keyring: Keyring, public_id: uuid.UUID, what: str, value: object) -> bytes:
    return keyring.strangers.seal(json.dumps(value, ensure_ascii=False).encode(), _row(public_id, what))


def _open(keyring: Keyring, inquiry: Inquiry, what: str, sealed: bytes) -> Any:
    return json.loads(keyring.strangers.open(sealed, _row(inquiry.public_id, what)))


def _row(public_id: uuid.UUID, what: str) -> bytes:
    return f"inquiries.{what}:".encode() + public_id.bytes
