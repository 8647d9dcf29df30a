"""The officer's own account: password, second factors, sign-ins."""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from registry.audit.services import record
from registry.database import scoped, unscoped
from registry.errors import Invalid
from registry.factors.console.finishing import tell
from registry.factors.services import held
from registry.i18n import OFFICER_LANGUAGES
from registry.organisations import sign_in
from registry.organisations.models import Officer
from registry.organisations.services import actor_of, check_password, set_password
from registry.places import language_name
from registry.web.console import Step, console_blueprint, current_officer, current_sign_in, requires
from registry.web.console.access import COOKIE_KEY
from registry.web.forms import Form
from registry.web.language import gettext as _
from registry.web.language import use_console_language
from registry.web.limits import refuse_beyond
from registry.web.platform import platform

blueprint = console_blueprint("account", __name__, url_prefix="/console", template_folder="templates")

TRIES, WINDOW = 20, timedelta(minutes=15)
"""Changes of one officer's password, so that whoever finds a page open can't guess the present one there."""


@blueprint.get("/account")
@requires()
def index() -> ResponseReturnValue:
    """What opens the account, and where it is open."""
    officer, live = current_officer(), current_sign_in()
    with unscoped() as transaction:
        return render_template(
            "console/account.html",
            held=held(transaction, officer),
            sign_ins=sign_in.sessions_of(transaction, officer),
            here=live.id,
            form=Form({"language": officer.language}),
            languages=[(tag, language_name(tag)) for tag in OFFICER_LANGUAGES],
        )


@blueprint.post("/account/language")
@requires()
def speak() -> ResponseReturnValue:
    """Speak another language with this officer from now on."""
    officer, wanted = current_officer(), request.form.get("language")
    if wanted in OFFICER_LANGUAGES:
        with scoped(officer.organisation_id) as transaction:
            transaction.get_one(Officer, officer.id).language = wanted
        use_console_language(wanted)
        flash(_("Saved."), "good")
    return redirect(url_for(".index"))


@blueprint.post("/account/sign-ins/<uuid:public_id>/end")
@requires()
def end(public_id: uuid.UUID) -> ResponseReturnValue:
    """End one of the officer's sign-ins."""
    officer = current_officer()
    with scoped(officer.organisation_id) as transaction:
        sign_in.end_one(transaction, officer, public_id)
        record(transaction, actor_of(officer), "officer.sign_in_ended", officer.public_id)
    flash(_("That sign-in is ended."), "good")
    return redirect(url_for(".index"))


@blueprint.post("/account/sign-ins/end-others")
@requires()
def end_others() -> ResponseReturnValue:
    """End all of them but this one."""
    officer = current_officer()
    with scoped(officer.organisation_id) as transaction:
        sign_in.end_others(transaction, officer, session[COOKIE_KEY])
        record(transaction, actor_of(officer), "officer.sign_in_ended", officer.public_id)
    flash(_("All other sign-ins are ended."), "good")
    return redirect(url_for(".index"))


@blueprint.get("/password")
@requires(step=Step.CHOOSE_PASSWORD)
def password() -> ResponseReturnValue:
    """Ask for a new password; a one-time password opens no other page."""
    return render_template("console/password.html", form=Form())


@blueprint.post("/password")
@requires(step=Step.CHOOSE_PASSWORD)
def change() -> ResponseReturnValue:
    """Set it and end the officer's other sessions."""
    officer = current_officer()
    refuse_beyond(platform().signing_key, "password change", str(officer.public_id), TRIES, WINDOW)
    form = Form({name: request.form.get(name, "")[:1000] for name in ("current", "new", "again")})
    _check(form, officer)
    if not form.errors:
        try:
            _save(officer, form.value("new"))
        except Invalid as error:
            form.fail("new", _("Your password") + " " + error.errors[0].message + ".")
    if form.errors:
        return render_template("console/password.html", form=form), 422
    flash(_("Your password is changed."), "good")
    return redirect(url_for("home.index"))


def _check(form: Form, officer: Officer) -> None:
    if not check_password(officer, form.value("current")):
        form.fail("current", _("This is not your present password."))
    elif form.value("new") == form.value("current"):
        form.fail("new", _("Choose a password that is not your present one."))
    elif form.value("new") != form.value("again"):
        form.fail("again", _("The two entries are not the same."))


def _save(officer: Officer, new: str) -> None:
    with scoped(officer.organisation_id) as transaction:
        stored = transaction.get_one(Officer, officer.id)
        set_password(transaction, stored, new)
        sign_in.end_others(transaction, stored, session[COOKIE_KEY])
        tell(transaction, _("New password at Rollcall"), _("The password of your account was changed."))
        record(transaction, actor_of(stored), "officer.password", stored.public_id)
