"""Signing officers in and out. Sessions are kept here, so that they can be ended from here."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from registry.crypto import digest
from registry.organisations.models import Officer, OfficerSession

IDLE = timedelta(minutes=15)
"""Without a request for this long, the officer has to sign in again (OWASP ASVS 5.0 §7.3)."""
LONGEST = timedelta(hours=8)
TOUCH = timedelta(seconds=30)
"""How stale `seen_at` may get: a write on each request would make every reader a writer."""


def start(session: Session, officer: Officer) -> str:
    """Begin a session and return its secret, of which only the digest is kept. Clears out the dead ones."""
    secret = secrets.token_urlsafe(32)
    session.execute(delete(OfficerSession).where(OfficerSession.created_at < func.now() - LONGEST))
    session.add(OfficerSession(digest=digest(secret), officer_id=officer.id))
    session.execute(update(Officer).where(Officer.id == officer.id).values(signed_in_at=func.now()))
    session.flush()
    return secret


def resume(session: Session, secret: str, *, touch: bool = True) -> Officer | None:
    """The active officer of a live session, with the organisation; None when it is over, idle or unknown.

    `touch=False` for what pages ask by themselves: it doesn't count as use.
    """
    found = session.execute(
        select(Officer, OfficerSession.id, OfficerSession.seen_at < func.now() - TOUCH)
        .join(OfficerSession, OfficerSession.officer_id == Officer.id)
        .options(joinedload(Officer.organisation))
        .where(
            OfficerSession.digest == digest(secret),
            OfficerSession.created_at > func.now() - LONGEST,
            OfficerSession.seen_at > func.now() - IDLE,
            Officer.active,
        )
    ).first()
    if found is None:
        return None
    officer, session_id, stale = found
    if touch and stale:
        session.execute(
            update(OfficerSession).where(OfficerSession.id == session_id).values(seen_at=func.now())
        )
    return officer


def end(session: Session, secret: str) -> None:
    """End one session; an unknown one is ended already."""
    session.execute(delete(OfficerSession).where(OfficerSession.digest == digest(secret)))


def end_others(session: Session, officer: Officer, secret: str) -> None:
    """End the officer's other sessions, as after a change of password."""
    session.execute(
        delete(OfficerSession).where(
            OfficerSession.officer_id == officer.id, OfficerSession.digest != digest(secret)
        )
    )
