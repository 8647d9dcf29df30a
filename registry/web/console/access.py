"""Who may open which console page: nobody without a sign-in, and no page that doesn't say for whom it is."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import (
    Blueprint,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from registry.database import unscoped
from registry.events.request import refused_to
from registry.factors import services as factors
from registry.organisations import sign_in
from registry.organisations.models import Officer, OfficerSession, Role
from registry.organisations.services import actor_of
from registry.web.console.navigation import NavItem, add_items
from registry.web.language import use_console_language

COOKIE_KEY = "officer"
"""Where the signed cookie keeps the secret of the sign-in."""
ROLES = "console_roles"
STEP = "console_step"
View = TypeVar("View", bound=Callable[..., Any])


class Step(StrEnum):
    """What stands between a right password and the console, in this order; the value is the page that asks."""

    SECOND_FACTOR = "second_step.ask"
    CHOOSE_PASSWORD = "account.password"  # noqa: S105  the name of a page
    SET_UP = "factors.set_up"


def requires(*roles: Role, step: Step | None = None) -> Callable[[View], View]:
    """Open a console view to officers with any of these roles; without a role, to every officer.

    A view of a `step` is open also while the officer has that step before them.
    """

    def mark(view: View) -> View:
        setattr(view, ROLES, frozenset(role.value for role in roles))
        setattr(view, STEP, step)
        return view

    return mark


def console_blueprint(
    name: str, import_name: str, *, nav: tuple[NavItem, ...] = (), **options: Any
) -> Blueprint:
    """A blueprint whose every page needs a signed-in officer, and a `requires` of its own, or it answers 403.

    `nav` are its entries in the menu; `options` are those of Flask's Blueprint.
    """
    blueprint = Blueprint(name, import_name, **options)
    blueprint.before_request(guard)
    blueprint.record_once(lambda state: add_items(state.app, nav))
    return blueprint


def current_officer() -> Officer:
    """The officer of this request, with their organisation; detached, for reading and as an actor."""
    return current_sign_in().officer


def current_sign_in() -> OfficerSession:
    """The sign-in of this request, detached."""
    live: OfficerSession = g.console_sign_in
    return live


def may(*roles: Role) -> bool:
    """Whether the officer of this request has any of these roles."""
    return not roles or not {role.value for role in roles}.isdisjoint(current_officer().roles)


def guard() -> ResponseReturnValue | None:
    """Let an officer through, or say where to go instead."""
    found = _signed_in()
    if found is None:
        return _to("sign_in.sign_in")
    live, step = found
    officer = live.officer
    use_console_language(officer.language)
    view = current_app.view_functions.get(request.endpoint or "")
    if step and getattr(view, STEP, None) is not step:
        return _to(step.value)
    g.console_sign_in = live
    g.console_step = step
    allowed = getattr(view, ROLES, None)
    if allowed is None or (allowed and allowed.isdisjoint(officer.roles)):
        refused_to(actor_of(officer), "officer.refused", officer.public_id)
        return make_response(render_template("console/forbidden.html", needed=sorted(allowed or ())), 403)
    return None


def polls() -> bool:
    """Whether a page asks for news by itself (as poll.js does), which is no sign that anyone sits there."""
    return request.headers.get("X-Poll") == "1"


def _signed_in() -> tuple[OfficerSession, Step | None] | None:
    secret = session.get(COOKIE_KEY)
    if not isinstance(secret, str):
        return None
    with unscoped() as transaction:
        live = sign_in.resume(transaction, secret, touch=not polls())
        if live is None:
            session.pop(COOKIE_KEY, None)
            return None
        officer = live.officer
        if live.factor_at is None and factors.held(transaction, officer):
            return live, Step.SECOND_FACTOR
        if officer.password_is_one_time:
            return live, Step.CHOOSE_PASSWORD
        return live, Step.SET_UP if live.factor_at is None else None


def _to(page: str) -> ResponseReturnValue:
    if polls():
        abort(401)
    return redirect(url_for(page, next=request.path if request.method == "GET" else None))
