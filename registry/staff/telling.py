"""Mail to an officer whose way in two administrators make anew: it must not happen behind their back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from registry.crypto.keyring import OrganisationKeys
from registry.notices.officers import queue_officer_mail
from registry.organisations.models import Officer

VALID = timedelta(days=2)
ASKED = """{who} has asked to reset your account at Rollcall: a new one-time password, and no second factor of before.

Nothing has changed yet: another administrator must confirm it.

If you didn't ask for this, tell your other administrators now. They refuse it at {url}/console/officers
"""
WELCOME = """You have an account at Rollcall. Sign in with this address and this one-time password:

{password}

{url}/console/sign-in

It opens nothing but the choice of your own password and of a second factor, once, within {hours} hours.
Nobody else has seen it. If you don't expect this, do nothing, and tell an administrator of your service.
"""
RESET = """Two administrators have reset your account at Rollcall. Your password, your second factors and all your
sign-ins have ended.

{how}

If you didn't ask for this, call your administrators now.
"""


def tell_of_request(
    session: Session, keys: OrganisationKeys, author: Officer, officer: Officer, url: str
) -> None:
    """That somebody wants the officer's account reset."""
    text = ASKED.format(who=author.email, url=url)
    queue_officer_mail(session, keys, officer, "Rollcall: a reset of your account was asked for", text, VALID)


def send_password(
    session: Session, keys: OrganisationKeys, officer: Officer, password: str, url: str, life: timedelta
) -> None:
    """The one-time password, to the officer alone; good for `life`."""
    hours = int(life.total_seconds()) // 3600
    text = WELCOME.format(password=password, url=url, hours=hours)
    queue_officer_mail(session, keys, officer, "Rollcall: your one-time password", text, life)


def tell_of_reset(session: Session, keys: OrganisationKeys, officer: Officer, *, mailed: bool) -> None:
    """That the account was reset, and where the new one-time password is."""
    how = (
        "A new one-time password follows by mail."
        if mailed
        else "Your administrator has a new password for you."
    )
    queue_officer_mail(
        session, keys, officer, "Rollcall: your account was reset", RESET.format(how=how), VALID
    )
