"""Authenticator apps: time-based one-time codes (TOTP, RFC 6238) of six digits, SHA-1, every 30 seconds."""

from __future__ import annotations

import time

import pyotp
import segno
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from registry.crypto.keyring import OrganisationKeys
from registry.errors import Invalid
from registry.factors.models import AuthenticatorApp
from registry.organisations.models import Officer, OfficerSession

WINDOW = 1
"""Steps that a clock may be ahead or behind (RFC 6238 §5.2 and §6)."""
ISSUER = "Rollcall"


def _row(officer: Officer) -> bytes:
    return b"authenticator_apps:" + officer.public_id.bytes


def offered_secret(session: Session, keys: OrganisationKeys, officer: Officer, live: OfficerSession) -> str:
    """A secret for a new app, in base32, 160 bits (RFC 4226 §4): the same during a sign-in until it is taken."""
    stored = session.get_one(OfficerSession, live.id)
    if stored.sealed_app_secret is None:
        stored.sealed_app_secret = keys.own.seal(pyotp.random_base32().encode(), _row(officer))
        session.flush()
    return keys.own.open(stored.sealed_app_secret, _row(officer)).decode()


def address_of(secret: str, officer: Officer) -> str:
    """The otpauth: address that apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=officer.email, issuer_name=ISSUER)


def picture_of(address: str) -> str:
    """It as a QR code: SVG to stand in the page, so that the secret has no address of its own."""
    return segno.make(address, micro=False, error="m").svg_inline(border=4, light="#fff", omitsize=True)


def take(session: Session, keys: OrganisationKeys, officer: Officer, live: OfficerSession, code: str) -> None:
    """Make the offered secret the officer's, in place of any other, once a code shows that the app has it.

    Raises Invalid for the field "code".
    """
    secret = offered_secret(session, keys, officer, live)
    step = _step(secret, code)
    if step is None:
        raise Invalid.one("code", "wrong", "This is not the code that the app shows now.")
    adopt(session, keys, officer, secret, step)
    session.get_one(OfficerSession, live.id).sealed_app_secret = None
    session.flush()


def adopt(
    session: Session, keys: OrganisationKeys, officer: Officer, secret: str, step: int | None = None
) -> None:
    """Make a secret the officer's, in place of any other; codes up to `step` count as used."""
    remove(session, officer)
    sealed = keys.own.seal(secret.encode(), _row(officer))
    session.add(AuthenticatorApp(officer_id=officer.id, sealed_secret=sealed, last_step=step))
    session.flush()


def remove(session: Session, officer: Officer) -> None:
    """Forget the officer's app."""
    session.execute(delete(AuthenticatorApp).where(AuthenticatorApp.officer_id == officer.id))


def check(session: Session, keys: OrganisationKeys, officer: Officer, code: str) -> None:
    """Whether a code is the app's, now and for the first time. Raises Invalid for the field "code"."""
    sealed = session.scalar(
        select(AuthenticatorApp.sealed_secret).where(AuthenticatorApp.officer_id == officer.id)
    )
    step = _step(keys.own.open(sealed, _row(officer)).decode(), code) if sealed else None
    if step is None:
        raise Invalid.one("code", "wrong", "This is not the code that the app shows now.")
    fresh = (
        update(AuthenticatorApp)
        .where(
            AuthenticatorApp.officer_id == officer.id,
            or_(AuthenticatorApp.last_step.is_(None), AuthenticatorApp.last_step < step),
        )
        .values(last_step=step)
    )
    if session.execute(fresh.returning(AuthenticatorApp.id)).first() is None:
        raise Invalid.one(
            "code", "used", "This code was used already. Wait until the app shows the next one."
        )


def _step(secret: str, code: str) -> int | None:
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=time.time(), valid_window=WINDOW)
    except OTPVerificationError:
        return None
