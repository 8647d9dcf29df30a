"""Remembering which question was last put to a number. Needs no scope: see `models.Dialogue`."""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from alerts.conversation.models import Dialogue
from registry.crypto import Keyring

LIFETIME = timedelta(hours=24)
"""For which an answer is waited for."""


def digest_of(keyring: Keyring, address: str) -> bytes:
    """By which a number's dialogue is found."""
    return hmac.digest(keyring.signing_key, b"dialogue\0" + address.encode(), sha256)


def find(session: Session, digest: bytes) -> Dialogue | None:
    """The question that waits; messages from one number are taken one after the other."""
    return session.scalar(
        select(Dialogue).where(Dialogue.digest == digest, Dialogue.expires_at > func.now()).with_for_update()
    )


def ask(
    session: Session, digest: bytes, step: str, language: str, message: str, data: dict[str, Any]
) -> None:
    """Note that a question was put, in answer to a message; it takes the place of an earlier one."""
    values = {
        "step": step,
        "language": language,
        "data": data,
        "misses": 0,
        "last_id": message,
        "asked_at": func.clock_timestamp(),
        "expires_at": func.now() + LIFETIME,
    }
    statement = insert(Dialogue).values(digest=digest, **values)
    session.execute(statement.on_conflict_do_update(index_elements=[Dialogue.digest], set_=values))


def end(session: Session, digest: bytes) -> None:
    """Wait for no answer any more."""
    session.execute(delete(Dialogue).where(Dialogue.digest == digest))
