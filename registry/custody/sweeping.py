"""Files of the keystore that a killed rotation left: the transaction that made them never ended."""

from __future__ import annotations

import logging
import re
import uuid

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from registry.crypto import Keystore
from registry.custody.models import StoredKey
from registry.organisations.models import Post

log = logging.getLogger(__name__)

OURS = re.compile(r"[0-9a-f-]{36}\.(?:[0-9a-f]{2})+")
"""As `PostKey.file` names them; what else lies there is left alone."""
AGE = 3600.0
"""Seconds after which no transaction that made a key can still be under way: idle ones are ended after a minute."""


def sweep(session: Session, keystore: Keystore, age: float = AGE) -> int:
    """Confirm the drafts that the database knows, destroy the others; return how many were destroyed.

    A keystore that can't be read or written is left for the next time.
    """
    gone = 0
    try:
        for name in filter(OURS.fullmatch, keystore.drafts(age)):
            if _known(session, name):
                keystore.confirm(name)
            else:
                keystore.destroy(name)
                gone += 1
    except OSError as error:
        log.error("the keystore can't be tidied: %s", error.strerror)
    return gone


def _known(session: Session, name: str) -> bool:
    """Whether a key of this file's name is stored."""
    post, key = name.split(".")
    here = Post.public_id == uuid.UUID(post), StoredKey.name == bytes.fromhex(key)
    return bool(session.scalar(select(exists().where(StoredKey.post_id == Post.id, *here))))
