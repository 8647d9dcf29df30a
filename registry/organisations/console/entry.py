"""The way in and out of the console."""

from __future__ import annotations

import time
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from registry.audit.services import record
from registry.browsers import request as browser
from registry.browsers import services as browsers
from registry.database import Session, unscoped
from registry.database.session import set_scope
from registry.events.request import note_stranger
from registry.i18n import OFFICER_LANGUAGES
from registry.organisations import sign_in as service
from registry.organisations.models import Officer
from registry.organisations.services import actor_of, check_password, find_officer, has_expired
from registry.web.console.access import COOKIE_KEY
from registry.web.console.returning import wanted_or_home
from registry.web.forms import Form
from registry.web.language import gettext as _
from registry.web.language import use_console_language
from registry.web.limits import allow, network_of
from registry.web.platform import platform
from registry.web.steady import hold

blueprint = Blueprint("sign_in", __name__, url_prefix="/console", template_folder="templates")

WINDOW = timedelta(minutes=15)
PAIR, CLIENT, STRANGERS = 10, 100, 60
"""Tries of one account from one network, or from one browser that it knows; of any account from one network; of one
account, in an hour, from all networks that it doesn't know. A stranger who guesses reaches the last one, and still
shuts nobody out of a browser or a network from which they have signed in before (see registry.browsers)."""


@blueprint.before_request
def speak() -> None:
    """Nobody has signed in, so there is no officer whose language it could be."""
    use_console_language(None)


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Ask for email address and password."""
    return _page(Form())


@blueprint.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Check them; the answer is the same, and as slow, whether the officer exists or not."""
    form = _read()
    if form.errors:
        return _page(form, 422)
    start = time.monotonic()
    secret, status = _try(form)
    if secret is None:
        hold(start)  # who gets in learns nothing by the time it took
        return _page(form, status)
    session.clear()
    session[COOKIE_KEY] = secret
    return redirect(wanted_or_home())


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session, here and on the server."""
    secret = session.get(COOKIE_KEY)
    session.clear()
    if isinstance(secret, str):
        with unscoped() as transaction:
            live = service.resume(transaction, secret, touch=False)
            service.end(transaction, secret)
            if live:
                officer = live.officer
                set_scope(transaction, officer.organisation_id)
                record(transaction, actor_of(officer), "officer.sign_out", officer.public_id)
    answer = redirect(url_for(".sign_in", left="1"))
    answer.headers["Clear-Site-Data"] = (
        '"cache", "storage"'  # not cookies: one lets us know the browser again
    )
    return answer


def _read() -> Form:
    form = Form(
        {
            "email": request.form.get("email", "").replace("\0", "").strip()[:254],
            "password": request.form.get("password", "")[:1000],
        }
    )
    if not form.value("email"):
        form.fail("email", _("Enter your email address."))
    if not form.value("password"):
        form.fail("password", _("Enter your password."))
    return form


def _try(form: Form) -> tuple[str | None, int]:
    """The new session's secret, else what is wrong, in the form, and the status of the answer."""
    email = form.value("email")
    with unscoped() as transaction:
        allowed = _allowed(transaction, email.lower())
    if not allowed:
        form.fail("email", _("Too many attempts. Try again in 15 minutes."))
        return None, 429
    with unscoped() as transaction:
        officer = find_officer(transaction, email)
        right = check_password(officer, form.value("password"))
        late = right and officer is not None and has_expired(transaction, officer)
        secret = _admit(transaction, officer, email, right and not late)
    if late:
        form.fail("password", _("This one-time password has expired. Ask an administrator for a new one."))
    elif secret is None:
        form.fail("password", _("The email address or the password is not right."))
    return secret, 422


def _admit(transaction: Session, officer: Officer | None, email: str, right: bool) -> str | None:
    """Record the attempt; start a session when the password was right. It still lacks the second factor."""
    if officer is None:
        note_stranger(transaction, email)
        return None
    set_scope(transaction, officer.organisation_id)
    secret = None
    if right:
        secret = service.start(transaction, officer, browser.browser_name(), browser.network_name())
    action = "officer.password_given" if right else "officer.sign_in_failed"
    record(transaction, actor_of(officer), action, officer.public_id)
    return secret


def _allowed(transaction: Session, email: str) -> bool:
    def within(name: str, subject: object, limit: int, per: timedelta = WINDOW) -> bool:
        return allow(transaction, platform().signing_key, name, str(subject), limit, per)

    known = browsers.known(transaction, email, browser.browser_secret())
    if known is not None:
        return within("sign-in browser", known, PAIR)
    client = network_of(request.remote_addr)
    if not within("sign-in from here", f"{email} {client}", PAIR) or not within(
        "sign-in client", client, CLIENT
    ):
        return False
    if browsers.is_known_network(transaction, email, browser.network_digest()):
        return True
    return within("sign-in strangers", email, STRANGERS, timedelta(hours=1))


def _page(form: Form, status: int = 200) -> tuple[str, int]:
    left = request.args.get("left") == "1"
    page = render_template("console/sign_in.html", form=form, left=left, console_languages=OFFICER_LANGUAGES)
    return page, status
