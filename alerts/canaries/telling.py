"""Telling administrators by mail that a canary is late."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.canaries.services import late_untold
from registry.crypto import Keyring
from registry.i18n import mark
from registry.notices.officers import Words, tell
from registry.organisations.models import Officer, Role
from registry.organisations.services import keys_of

LATE = Words(
    mark("Rollcall: nobody works at a queue"),
    mark(
        """For a minute nothing has come through: %(names)s.

Messages still leave, but slowly, for the dispatcher sends them by itself. Whoever runs this service should look at its
workers and its broker. You are told once; the pages of the console show it for as long as it lasts.
"""
    ),
)


def tell_administrators(session: Session, keyring: Keyring) -> int:
    """Mail the administrators of every organisation once when a queue is late; return how many mails. The session sees
    every organisation."""
    names = late_untold(session)
    if not names:
        return 0
    query = select(Officer).where(Officer.active, Officer.roles.contains([Role.ADMINISTRATOR.value]))
    officers = session.scalars(query.order_by(Officer.id)).all()
    for officer in officers:
        keys = keys_of(keyring, officer.organisation)
        tell(session, keys, officer, LATE, timedelta(hours=2), names=", ".join(names))
    return len(officers)
