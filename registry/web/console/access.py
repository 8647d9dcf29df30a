"""Who may open which console page: nobody without a sign-in, and no page that doesn't say for whom it is."""

from __future__ import annotations

from collections.abc import Callable
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
from registry.organisations import sign_in
from registry.organisations.models import Officer, Role
from registry.web.console.navigation import NavItem, add_items
from registry.web.language import use_language

COOKIE_KEY = "officer"
"""Where the signed cookie keeps the secret of the sign-in."""
ROLES = "console_roles"
View = TypeVar("View", bound=Callable[..., Any])


def requires(*roles: Role) -> Callable[[View], View]:
    """Open a console view to officers with any of these roles; without a role, to every officer."""

    def mark(view: View) -> View:
        setattr(view, ROLES, frozenset(role.value for role in roles))
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
    officer: Officer = g.console_officer
    return officer


def may(*roles: Role) -> bool:
    """Whether the officer of this request has any of these roles."""
    return not roles or not {role.value for role in roles}.isdisjoint(current_officer().roles)


def guard() -> ResponseReturnValue | None:
    """Let an officer through, or say where to go instead."""
    officer = _signed_in()
    if officer is None:
        return _to_sign_in()
    g.console_officer = officer
    use_language(officer.language)
    if officer.password_is_one_time and request.blueprint != "account":
        return redirect(url_for("account.password"))
    allowed = getattr(current_app.view_functions.get(request.endpoint or ""), ROLES, None)
    if allowed is None or (allowed and allowed.isdisjoint(officer.roles)):
        return make_response(render_template("console/forbidden.html", needed=sorted(allowed or ())), 403)
    return None


def polls() -> bool:
    """Whether a page asks for news by itself (as poll.js does), which is no sign that anyone sits there."""
    return request.headers.get("X-Poll") == "1"


def _signed_in() -> Officer | None:
    secret = session.get(COOKIE_KEY)
    if not isinstance(secret, str):
        return None
    with unscoped() as transaction:
        return sign_in.resume(transaction, secret, touch=not polls())


def _to_sign_in() -> ResponseReturnValue:
    session.pop(COOKIE_KEY, None)
    if polls():
        abort(401)
    back = request.path if request.method == "GET" else None
    return redirect(url_for("sign_in.sign_in", next=back))
