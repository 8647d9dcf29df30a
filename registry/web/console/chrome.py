"""The console's chrome: its style, its scripts and what every page of it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, g, request
from flask.sansio.app import App
from markupsafe import Markup

from registry.audit.alarms import READERS, open_alarms
from registry.database import Session, scoped
from registry.organisations.models import Officer, OfficerSession, Role
from registry.web.console.navigation import Menu, menu_for
from registry.web.console.roles import role_names
from registry.web.console.tables import labelled
from registry.web.limits import CODES, used
from registry.web.platform import platform

Notice = Callable[[Session, Officer], Markup | None]
"""What a feature puts at the head of every page: for this officer, or nothing."""
NOTICES = "console_notices"


@dataclass(frozen=True, slots=True)
class Head:
    """What to say at the head of a page."""

    notices: Sequence[Markup] = ()
    alarms: int = 0
    """That nobody has noted yet; none on the page that lists them, nor for those who are not to mind them."""
    codes_used_up: bool = False
    """Whether administrators must be told that newcomers get no codes by SMS any more today."""


blueprint = Blueprint(
    "console",
    __name__,
    static_folder="static",
    static_url_path="/console/static",
    template_folder="templates",
)


blueprint.add_app_template_filter(role_names, "roles")
blueprint.add_app_template_filter(labelled)


@blueprint.app_context_processor
def officer_and_menu() -> dict[str, Any]:
    """`officer`, `console_menu` and what to warn of, for every template; nobody and nothing outside the console."""
    live: OfficerSession | None = g.get("console_sign_in")
    if live is None:
        return {"officer": None, "console_menu": Menu(), "console_head": Head}
    officer, step = live.officer, g.console_step
    return {
        "officer": officer,
        "console_step": step,
        "console_menu": Menu() if step else _menu(officer),
        "console_head": lambda: Head() if step else _head(officer),
    }


def _menu(officer: Officer) -> Menu:
    return menu_for(current_app, frozenset(officer.roles), request.blueprint, request.path)


def add_notice(app: App, notice: Notice) -> None:
    """Let a feature speak at the head of every page; its session is scoped to the officer's organisation."""
    app.extensions.setdefault(NOTICES, []).append(notice)


def _head(officer: Officer) -> Head:
    """In one transaction, for every page asks."""
    notices: list[Notice] = current_app.extensions.get(NOTICES, [])
    with scoped(officer.organisation_id) as session:
        found = [shown for notice in notices if (shown := notice(session, officer))]
        return Head(found, _alarms(session, officer), _codes_used_up(session, officer))


def _alarms(session: Session, officer: Officer) -> int:
    if request.blueprint == "audit" or not {role.value for role in READERS}.intersection(officer.roles):
        return 0
    return len(open_alarms(session, officer.organisation_id))


def _codes_used_up(session: Session, officer: Officer) -> bool:
    if Role.ADMINISTRATOR not in officer.roles:
        return False
    here = platform()
    return used(session, here.signing_key, CODES, "", timedelta(days=1)) >= here.sms_codes_a_day
