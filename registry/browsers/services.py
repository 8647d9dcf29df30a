"""Which browsers and networks an officer has used before: strangers' guesses must not shut those out.

A limit by account alone lets anyone lock an officer out. So tries are counted for each known browser by itself, for
each pair of account and network, and for an account only over networks that are strange to it (OWASP, "Slow Down
Online Guessing Attacks with Device Cookies").
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from registry.browsers.models import KnownBrowser
from registry.crypto import digest
from registry.organisations.models import Officer

KEPT = timedelta(days=180)


def known(session: Session, email: str, secret: str | None) -> int | None:
    """The number of the browser with this cookie, if the officer with this address has signed in with it."""
    if not secret:
        return None
    return session.scalar(
        select(KnownBrowser.id)
        .join(Officer, Officer.id == KnownBrowser.officer_id)
        .where(
            KnownBrowser.digest == digest(secret),
            func.lower(Officer.email) == email.lower(),
            KnownBrowser.seen_at > func.now() - KEPT,
        )
    )


def is_known_network(session: Session, email: str, network: bytes) -> bool:
    """Whether the officer with this address has signed in from this network (its keyed digest) before."""
    query = (
        select(KnownBrowser.id)
        .join(Officer, Officer.id == KnownBrowser.officer_id)
        .where(
            func.lower(Officer.email) == email.lower(),
            KnownBrowser.network == network,
            KnownBrowser.seen_at > func.now() - KEPT,
        )
    )
    return session.scalar(query.limit(1)) is not None


def remember(session: Session, officer: Officer, secret: str | None, network: bytes) -> str | None:
    """Note a whole sign-in; the secret for the cookie of a browser that is new, None for one that is known."""
    number = known(session, officer.email, secret)
    if number is not None:
        session.execute(
            update(KnownBrowser).where(KnownBrowser.id == number).values(network=network, seen_at=func.now())
        )
        return None
    fresh = secrets.token_urlsafe(32)
    session.add(KnownBrowser(officer_id=officer.id, digest=digest(fresh), network=network))
    session.flush()
    return fresh


def forget(session: Session, officer: Officer) -> None:
    """Treat all of the officer's browsers as strange from now on."""
    session.execute(delete(KnownBrowser).where(KnownBrowser.officer_id == officer.id))
