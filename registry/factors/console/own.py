"""An officer's own second factors: setting up the first, adding and removing others."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from registry.audit.services import record
from registry.database import Session, scoped, unscoped
from registry.errors import Conflict, Invalid
from registry.factors import app, passkeys, recovery, services
from registry.factors.console.answers import holdings, own_keys, site
from registry.factors.console.asking import confirm_first, with_fresh_factor
from registry.factors.console.finishing import complete, tell
from registry.organisations.models import Officer
from registry.organisations.services import actor_of
from registry.web.console import Step, console_blueprint, current_officer, current_sign_in, requires
from registry.web.console.access import COOKIE_KEY
from registry.web.forms import Form
from registry.web.language import gettext as _

factors_console = console_blueprint(
    "factors",
    __name__,
    url_prefix="/console/account/factors",
    template_folder="templates",
)


@factors_console.get("/add")
@requires(step=Step.SET_UP)
@with_fresh_factor
def set_up() -> ResponseReturnValue:
    """Offer an app, and a passkey where the browser has such."""
    return _page(Form())


@factors_console.post("/app")
@requires(step=Step.SET_UP)
@with_fresh_factor
def take_app() -> ResponseReturnValue:
    """Keep the app that shows the right code."""
    form = Form({"code": "".join(request.form.get("code", "")[:100].split())})
    return _added(
        form,
        lambda transaction: app.take(
            transaction, own_keys(transaction), current_officer(), current_sign_in(), form.value("code")
        ),
        "app",
    )


@factors_console.post("/passkey")
@requires(step=Step.SET_UP)
def add_passkey() -> ResponseReturnValue:
    """Keep the passkey that the browser made."""
    form, where = Form(request.form), site()
    if where is None:
        return redirect(url_for(".set_up"))
    return confirm_first() or _added(
        form,
        lambda transaction: passkeys.add(
            transaction,
            where,
            current_officer(),
            current_sign_in(),
            form.value("name"),
            form.value("passkey")[:20_000],
        ),
        "passkey",
    )


@factors_console.post("/passkey/options")
@requires(step=Step.SET_UP)
def options() -> ResponseReturnValue:
    """What the browser needs to make a passkey."""
    where = site()
    if where is None:
        return Response(status=404)
    with unscoped() as transaction:
        text = passkeys.ask_to_make(transaction, where, current_officer(), current_sign_in())
    return Response(text, mimetype="application/json")


@factors_console.post("/app/remove")
@requires()
@with_fresh_factor
def remove_app() -> ResponseReturnValue:
    """Forget the app."""
    return _removed(services.remove_app, "app")


@factors_console.post("/passkey/<uuid:public_id>/remove")
@requires()
@with_fresh_factor
def remove_passkey(public_id: uuid.UUID) -> ResponseReturnValue:
    """Forget a passkey."""
    return _removed(
        lambda transaction, officer: services.remove_passkey(transaction, officer, public_id), "passkey"
    )


@factors_console.post("/recovery")
@requires()
@with_fresh_factor
def new_codes() -> ResponseReturnValue:
    """Make new recovery codes; the earlier ones stop working."""
    officer = current_officer()
    with scoped(officer.organisation_id) as transaction:
        codes = recovery.issue(transaction, officer)
        record(transaction, actor_of(officer), "officer.recovery_codes", officer.public_id)
    return _codes(codes)


def _added(form: Form, add: Callable[[Session], object], kind: str) -> ResponseReturnValue:
    """Add a factor; the first one comes with recovery codes and makes the sign-in whole."""
    officer = current_officer()
    try:
        with scoped(officer.organisation_id) as transaction:
            add(transaction)
            record(transaction, actor_of(officer), "officer.factor_add", officer.public_id, {"factor": kind})
            fresh = recovery.left(transaction, officer) == 0
            codes = recovery.issue(transaction, officer) if fresh else []
            if current_sign_in().factor_at is not None:
                what = _("A second factor was added to your account: %(kind)s.", kind=kind)
                tell(transaction, _("New second factor at Rollcall"), what)
            secret = complete(transaction, kind)
    except Invalid as invalid:
        for error in invalid.errors:
            form.fail(error.field, error.message)
        return _page(form), 422
    if current_sign_in().factor_at is None:
        session.clear()
    session[COOKIE_KEY] = secret
    if codes:
        return _codes(codes)
    flash(_("It is added. From now on you can sign in with it."), "good")
    return redirect(url_for("account.index"))


def _removed(remove: Callable[[Session, Officer], object], kind: str) -> ResponseReturnValue:
    officer = current_officer()
    try:
        with scoped(officer.organisation_id) as transaction:
            remove(transaction, officer)
            what = _("A second factor was removed from your account: %(kind)s.", kind=kind)
            tell(transaction, _("Second factor removed at Rollcall"), what)
            record(
                transaction, actor_of(officer), "officer.factor_remove", officer.public_id, {"factor": kind}
            )
    except Conflict as conflict:
        flash(str(conflict), "warn")
    else:
        flash(_("It is removed. It no longer opens your account."), "good")
    return redirect(url_for("account.index"))


def _page(form: Form) -> str:
    officer = current_officer()
    with unscoped() as transaction:
        secret = app.offered_secret(transaction, own_keys(transaction), officer, current_sign_in())
    address = app.address_of(secret, officer)
    return render_template(
        "console/factors/add.html",
        form=form,
        held=holdings(),
        secret=[secret[start : start + 4] for start in range(0, len(secret), 4)],
        address=address,
        picture=Markup(app.picture_of(address)),  # noqa: S704  drawn here, from our own secret
        site=site(),
        first=current_sign_in().factor_at is None,
    )


def _codes(codes: list[str]) -> str:
    """Shown this once; a page that is loaded again makes none anew unless it is asked to."""
    return render_template("console/factors/codes.html", codes=codes)
