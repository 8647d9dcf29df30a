"""Reading a second factor from a form, and believing it or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import request
from sqlalchemy.orm import Session

from registry.audit.services import record
from registry.browsers import services as browsers
from registry.browsers.request import browser_secret
from registry.crypto.keyring import OrganisationKeys
from registry.custody.opening import keys_of_each
from registry.database import scoped, unscoped
from registry.errors import Invalid
from registry.factors import services
from registry.factors.passkeys import Site
from registry.factors.services import Answer, Held
from registry.organisations.services import actor_of
from registry.web.console import current_officer, current_sign_in
from registry.web.forms import Form
from registry.web.language import gettext as _
from registry.web.limits import allow
from registry.web.platform import platform

LIMITS = ((10, timedelta(minutes=15)), (50, timedelta(days=1)))
"""Tries of a code by one officer, who has given the right password before, at a browser known to them or at all others.
Guessing six digits, three of which are right at any time, so succeeds once in 18 years (NIST SP 800-63B-4 §3.2.2 allows
100 tries in a row)."""


def site() -> Site | None:
    """Where passkeys belong to; None unless this page was opened under that name."""
    found = Site.at(platform().base_url)
    return found if found and urlsplit(f"//{request.host}").hostname == found.host else None


def own_keys(session: Session) -> OrganisationKeys:
    """The keys of the officer's organisation."""
    number = current_officer().organisation_id
    return keys_of_each(session, platform().keyring, [number])[number]


def holdings() -> Held:
    """What the officer of this request has."""
    with unscoped() as session:
        return services.held(session, current_officer())


@dataclass(frozen=True, slots=True)
class Offer:
    """What a form may ask its officer for, to act at this moment."""

    app: bool
    passkey: bool


def offer(session: Session) -> Offer:
    """What the officer of this request can use here."""
    has = services.held(session, current_officer())
    return Offer(has.app is not None, bool(has.passkeys and site()))


def given_now(form: Form) -> bool:
    """Whether the form holds a second factor of this very moment, never used before; else it says what is wrong.

    For acts that a session left open must not do, such as letting an alert go (OWASP ASVS 5.0 §7.5.3). A recovery code
    opens an account and acts for nobody. Audited; a code counts as used even if the act then fails.
    """
    answer, officer = answer_of(form), current_officer()
    if not may_try(form, answer):
        return False
    try:
        with scoped(officer.organisation_id) as session:
            kind = believe(session, answer)
            record(session, actor_of(officer), "officer.confirm", officer.public_id, {"factor": kind})
    except Invalid as invalid:
        note_failure(form, invalid)
        return False
    return True


def answer_of(form: Form) -> Answer:
    """What was given in a form with the fields of `console/factors/fields.html`."""
    return Answer(form.value("passkey")[:8000], form.value("code")[:100])


def believe(session: Session, answer: Answer, *, recovery_too: bool = False) -> str:
    """Check an answer of this request's officer in the caller's transaction; which factor it was. Raises Invalid."""
    return services.check(
        session, own_keys(session), site(), current_sign_in(), answer, recovery_too=recovery_too
    )


def may_try(form: Form, answer: Answer) -> bool:
    """Whether something was given, not too often; else the form says what is wrong. Codes alone can be guessed."""
    if not answer:
        form.fail("code", _("Enter the code."))
    elif not answer.passkey and not _within_limits():
        form.fail("code", _("Too many attempts. Try again in 15 minutes, or use a passkey."))
    return not form.errors


def note_failure(form: Form, invalid: Invalid) -> None:
    """Put what was wrong in the form, and in the audit log."""
    officer = current_officer()
    for error in invalid.errors:
        form.fail(error.field, error.message)
    with scoped(officer.organisation_id) as session:
        record(session, actor_of(officer), "officer.factor_failed", officer.public_id)


def _within_limits() -> bool:
    officer = current_officer()
    with unscoped() as session:
        known = browsers.known(session, officer.email, browser_secret())
        subject = f"{officer.public_id} {known or 'strange'}"  # a thief of the password doesn't shut the officer out
        counted = [
            allow(session, platform().signing_key, f"second factor {per}", subject, limit, per)
            for limit, per in LIMITS
        ]
    return all(counted)
