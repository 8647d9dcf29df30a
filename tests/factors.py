"""Second factors for officers in tests: one authenticator app that all of them share."""

from __future__ import annotations

import time

import pyotp
from sqlalchemy import update

from registry.crypto import Keyring
from registry.database import Session, unscoped
from registry.factors import app
from registry.factors.models import AuthenticatorApp
from registry.organisations.models import Officer, Organisation
from registry.organisations.services import keys_of

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_app(session: Session, keyring: Keyring, officer: Officer) -> None:
    """Set up an app without the pages that officers do it on."""
    stored = session.get_one(Officer, officer.id)
    keys = keys_of(keyring, session.get_one(Organisation, stored.organisation_id))
    app.adopt(session, keys, stored, SECRET)


def next_code(steps: int = 0, secret: str = SECRET) -> str:
    """What the app shows; with `steps` some half-minutes from now."""
    return pyotp.TOTP(secret).at(int(time.time()), counter_offset=steps)


def unused_code(officer: Officer) -> str:
    """What the app shows, as if it was never used: tests don't wait for the next half-minute."""
    with unscoped() as session:
        session.execute(
            update(AuthenticatorApp).where(AuthenticatorApp.officer_id == officer.id).values(last_step=None)
        )
    return next_code()
