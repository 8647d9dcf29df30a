"""Asking for a second factor: after the password, and again before an officer changes their own factors."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from registry.database import scoped, unscoped
from registry.errors import Invalid
from registry.factors import passkeys
from registry.factors.console.answers import answer_of, believe, holdings, may_try, note_failure, site
from registry.factors.console.finishing import complete
from registry.factors.services import Answer
from registry.organisations import sign_in
from registry.web.console import Step, console_blueprint, current_officer, current_sign_in, requires
from registry.web.console.access import COOKIE_KEY
from registry.web.console.returning import wanted_or_home
from registry.web.forms import Form

P = ParamSpec("P")

second_step = console_blueprint(
    "second_step", __name__, url_prefix="/console/second-step", template_folder="templates"
)


@second_step.get("")
@requires(step=Step.SECOND_FACTOR)
def ask() -> ResponseReturnValue:
    """Ask for a code or a passkey."""
    return _page(Form())


@second_step.post("")
@requires(step=Step.SECOND_FACTOR)
def give() -> ResponseReturnValue:
    """Make the sign-in whole, or as good as new."""
    form = Form(request.form)
    answer = answer_of(form)
    if not may_try(form, answer):
        return _page(form, 429)
    try:
        secret = _complete(answer)
    except Invalid as invalid:
        note_failure(form, invalid)
        return _page(form, 422)
    if current_sign_in().factor_at is None:
        session.clear()
    session[COOKIE_KEY] = secret
    return redirect(wanted_or_home())


@second_step.post("/passkey")
@requires(step=Step.SECOND_FACTOR)
def options() -> ResponseReturnValue:
    """What the browser needs to use a passkey, here and wherever else one is asked for."""
    where = site()
    if where is None:
        return Response(status=404)
    with unscoped() as transaction:
        text = passkeys.ask_to_use(transaction, where, current_officer(), current_sign_in())
    return Response(text, mimetype="application/json")


def confirm_first() -> ResponseReturnValue | None:
    """Where to go before one's factors are shown or changed, unless a factor was given just now."""
    with unscoped() as transaction:
        live = current_sign_in()
        if live.factor_at is None or sign_in.is_fresh(transaction, live):
            return None
    return redirect(
        url_for("second_step.ask", next=request.path if request.method == "GET" else url_for("account.index"))
    )


def with_fresh_factor(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Do what a view does, or a part of it, only after a factor was given just now: see `confirm_first`."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        return confirm_first() or view(*args, **kwargs)

    return checked


def _complete(answer: Answer) -> str:
    with scoped(current_officer().organisation_id) as transaction:
        return complete(transaction, believe(transaction, answer, recovery_too=True))


def _page(form: Form, status: int = 200) -> ResponseReturnValue:
    return (
        render_template(
            "console/factors/ask.html",
            form=form,
            held=holdings(),
            site=site(),
            again=current_sign_in().factor_at is not None,
        ),
        status,
    )
