"""Signing officers in and out. Sessions are kept here, so that they can be listed and ended from here.

A sign-in begins with the password and is whole once a second factor was given (NIST SP 800-63B-4 §2.2, AAL2).
"""

from __future__ import annotations

import secrets
import uuid
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
FRESH = timedelta(minutes=10)
"""How long a second factor counts as just given, for changes to the officer's own factors (ASVS 5.0 §7.5.1)."""
LIVE = (
    OfficerSession.created_at > func.now() - LONGEST,
    OfficerSession.seen_at > func.now() - IDLE,
)


def start(session: Session, officer: Officer, browser: str = "", network: str = "") -> str:
    """Begin a session with the password alone and return its secret, of which only the digest is kept.

    Clears out the dead ones.
    """
    secret = secrets.token_urlsafe(32)
    session.execute(delete(OfficerSession).where(OfficerSession.created_at < func.now() - LONGEST))
    session.add(
        OfficerSession(digest=digest(secret), officer_id=officer.id, browser=browser, network=network)
    )
    session.flush()
    return secret


def complete(session: Session, secret: str) -> str:
    """Note that a second factor was given just now; the session's new secret.

    A secret that was known before the rise in privilege opens nothing after it (NIST SP 800-63B-4 §5.1).
    """
    renewed = secrets.token_urlsafe(32)
    officer_id = session.execute(
        update(OfficerSession)
        .where(OfficerSession.digest == digest(secret))
        .values(digest=digest(renewed), factor_at=func.now(), seen_at=func.now())
        .returning(OfficerSession.officer_id)
    ).scalar_one()
    session.execute(update(Officer).where(Officer.id == officer_id).values(signed_in_at=func.now()))
    return renewed


def resume(session: Session, secret: str, *, touch: bool = True) -> OfficerSession | None:
    """A live session with its active officer and their organisation; None when it is over, idle or unknown.

    `touch=False` for what pages ask by themselves: it doesn't count as use.
    """
    found = session.execute(
        select(OfficerSession, OfficerSession.seen_at < func.now() - TOUCH)
        .join(OfficerSession.officer)
        .options(joinedload(OfficerSession.officer).joinedload(Officer.organisation))
        .where(OfficerSession.digest == digest(secret), *LIVE, Officer.active)
    ).first()
    if found is None:
        return None
    live, stale = found
    if touch and stale:
        session.execute(update(OfficerSession).where(OfficerSession.id == live.id).values(seen_at=func.now()))
    return live


def is_fresh(session: Session, live: OfficerSession) -> bool:
    """Whether a second factor was given in this session within the last ten minutes."""
    query = select(OfficerSession.id).where(
        OfficerSession.id == live.id, OfficerSession.factor_at > func.now() - FRESH
    )
    return session.scalar(query) is not None


def sessions_of(session: Session, officer: Officer) -> list[OfficerSession]:
    """The officer's live, whole sign-ins, the last used first."""
    query = select(OfficerSession).where(
        OfficerSession.officer_id == officer.id, OfficerSession.factor_at.is_not(None), *LIVE
    )
    return list(session.scalars(query.order_by(OfficerSession.seen_at.desc(), OfficerSession.id.desc())))


def end(session: Session, secret: str) -> None:
    """End one session; an unknown one is ended already."""
    session.execute(delete(OfficerSession).where(OfficerSession.digest == digest(secret)))


def end_one(session: Session, officer: Officer, public_id: uuid.UUID) -> None:
    """End one of the officer's sessions by its public id; an unknown one is ended already."""
    session.execute(
        delete(OfficerSession).where(
            OfficerSession.officer_id == officer.id, OfficerSession.public_id == public_id
        )
    )


def end_others(session: Session, officer: Officer, secret: str) -> None:
    """End the officer's other sessions, as after a change of password."""
    session.execute(
        delete(OfficerSession).where(
            OfficerSession.officer_id == officer.id, OfficerSession.digest != digest(secret)
        )
    )


def end_all(session: Session, officer: Officer) -> None:
    """End every session of the officer, as after a change of what they may do."""
    session.execute(delete(OfficerSession).where(OfficerSession.officer_id == officer.id))
