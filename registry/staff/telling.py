"""Mail to officers whose way in others make anew or close: it must not happen behind anybody's back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from registry.crypto.keyring import OrganisationKeys
from registry.i18n import mark
from registry.notices.officers import Words, tell
from registry.organisations.models import Officer
from registry.staff.officers import administrators

VALID = timedelta(days=2)
RESET_ASKED = Words(
    mark("Rollcall: a reset of your account was asked for"),
    mark(
        """%(who)s has asked to reset your account at Rollcall: a new one-time password, and no second factor of before.

Nothing has changed yet: another administrator must confirm it.

If you didn't ask for this, tell your other administrators now. They refuse it here: %(url)s
"""
    ),
)
ONE_TIME_PASSWORD = Words(
    mark("Rollcall: your one-time password"),
    mark(
        """You have an account at Rollcall. Sign in with this address and this one-time password:

%(password)s

%(url)s

It opens nothing but the choice of your own password and of a second factor, once, within %(hours)s hours.
Nobody else has seen it. If you don't expect this, do nothing, and tell an administrator of your service.
"""
    ),
)
RESET_SUBJECT = mark("Rollcall: your account was reset")
RESET_MAILED = Words(
    RESET_SUBJECT,
    mark(
        """Two administrators have reset your account at Rollcall. Your password, your second factors and all your
sign-ins have ended. A new one-time password follows by mail.

If you didn't ask for this, call your administrators now.
"""
    ),
)
RESET_HANDED = Words(
    RESET_SUBJECT,
    mark(
        """Two administrators have reset your account at Rollcall. Your password, your second factors and all your
sign-ins have ended. Your administrator has a new password for you.

If you didn't ask for this, call your administrators now.
"""
    ),
)
SHUT_OUT = Words(
    mark("Rollcall: an officer was shut out"),
    mark(
        """%(who)s has shut out %(whom)s at Rollcall: their sign-ins and keys have ended.

If that is wrong, call each other, and ask for them to come back here: %(url)s
"""
    ),
)
SHUTTING_OUT_ASKED = Words(
    mark("Rollcall: somebody asks to shut an officer out"),
    mark(
        """%(who)s asks to shut out %(whom)s at Rollcall. Nothing has changed yet: another administrator must
confirm it.

Call them both, then confirm or refuse it here: %(url)s
"""
    ),
)


def tell_of_request(
    session: Session, keys: OrganisationKeys, author: Officer, officer: Officer, url: str
) -> None:
    """That somebody wants the officer's account reset."""
    tell(session, keys, officer, RESET_ASKED, VALID, who=author.email, url=f"{url}/console/officers")


def send_password(
    session: Session, keys: OrganisationKeys, officer: Officer, password: str, url: str, life: timedelta
) -> None:
    """The one-time password, to the officer alone; good for `life`."""
    hours = int(life.total_seconds()) // 3600
    sign_in = f"{url}/console/sign-in"
    tell(session, keys, officer, ONE_TIME_PASSWORD, life, password=password, url=sign_in, hours=hours)


def tell_of_reset(session: Session, keys: OrganisationKeys, officer: Officer, *, mailed: bool) -> None:
    """That the account was reset, and where the new one-time password is."""
    tell(session, keys, officer, RESET_MAILED if mailed else RESET_HANDED, VALID)


def tell_of_shutting_out(
    session: Session, keys: OrganisationKeys, author: Officer, officer: Officer, url: str, *, asked: bool
) -> None:
    """The other administrators, that somebody is shut out, or is to be; whom that is about learns of a request so."""
    words = SHUTTING_OUT_ASKED if asked else SHUT_OUT
    values = {"who": author.email, "whom": officer.email, "url": f"{url}/console/officers"}
    for each in administrators(session, author.organisation_id):
        if each.id != author.id:
            tell(session, keys, each, words, VALID, **values)
