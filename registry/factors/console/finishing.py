"""What every whole sign-in does, and every change of what opens an account: audit it, and tell the officer."""

from __future__ import annotations

from datetime import timedelta

from flask import session
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.audit.services import record
from registry.browsers import request as browser
from registry.browsers import services as browsers
from registry.factors.console.answers import own_keys
from registry.notices.officers import queue_officer_mail
from registry.organisations import sign_in
from registry.organisations.services import actor_of
from registry.web.console import current_officer, current_sign_in
from registry.web.console.access import COOKIE_KEY
from registry.web.formats import moment
from registry.web.language import gettext as _
from registry.web.platform import platform

VALID = timedelta(days=2)


def complete(transaction: Session, kind: str) -> str:
    """Note that a factor was given just now; the sign-in's new secret. The session is scoped.

    At a whole sign-in from a browser that is new to the officer, tell them (NIST SP 800-63B-4 §4.6).
    """
    officer, live = current_officer(), current_sign_in()
    secret = sign_in.complete(transaction, session[COOKIE_KEY])
    if live.factor_at is None:
        fresh = browsers.remember(transaction, officer, browser.browser_secret(), browser.network_digest())
        if fresh:
            browser.give_secret(fresh)
            tell(
                transaction,
                _("New sign-in to Rollcall"),
                _("Somebody signed in to your account from a browser that was not used for it before."),
            )
    action = "officer.sign_in" if live.factor_at is None else "officer.confirm"
    record(transaction, actor_of(officer), action, officer.public_id, {"factor": kind})
    return secret


def tell(transaction: Session, subject: str, what: str) -> None:
    """Mail the officer of this request what happened to their account, from where, and what to do about it."""
    now = transaction.execute(select(func.now())).scalar_one()
    text = "\n\n".join(
        (
            what,
            f"{moment(now)}, {browser.browser_name()}, {browser.network_name()}",
            _("Was it you? Then there is nothing to do."),
            _(
                "If not: sign in, end that sign-in under “Your account”, change your password, and call your"
                " administrator."
            ),
            f"{platform().base_url}/console/account",
        )
    )
    queue_officer_mail(transaction, own_keys(transaction), current_officer(), subject, text, VALID)
