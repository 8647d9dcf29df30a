"""The console's chrome: its style, its scripts and what every page of it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, g
from flask.sansio.app import App
from markupsafe import Markup

from registry.audit.alarms import READERS, open_alarms
from registry.database import Session, scoped, unscoped
from registry.organisations.models import Officer, OfficerSession, Role
from registry.web.console.navigation import nav_for
from registry.web.console.roles import role_names
from registry.web.limits import CODES, used
from registry.web.platform import platform

Notice = Callable[[Session, Officer], Markup | None]
"""What a feature puts at the head of every page: for this officer, or nothing."""
NOTICES = "console_notices"

blueprint = Blueprint(
    "console",
    __name__,
    static_folder="static",
    static_url_path="/console/static",
    template_folder="templates",
)


blueprint.add_app_template_filter(role_names, "roles")


@blueprint.app_context_processor
def officer_and_menu() -> dict[str, Any]:
    """`officer`, `console_menu` and what to warn of, for every template; nobody and nothing outside the console."""
    live: OfficerSession | None = g.get("console_sign_in")
    if live is None:
        return {"officer": None, "console_menu": []}
    officer, step = live.officer, g.console_step
    return {
        "officer": officer,
        "console_step": step,
        "console_menu": [] if step else nav_for(current_app, frozenset(officer.roles)),
        "count_alarms": lambda: 0 if step else _alarms(officer),
        "codes_used_up": lambda: not step and _codes_used_up(officer),
        "console_notices": lambda: [] if step else _notices(officer),
    }


def add_notice(app: App, notice: Notice) -> None:
    """Let a feature speak at the head of every page; its session is scoped to the officer's organisation."""
    app.extensions.setdefault(NOTICES, []).append(notice)


def _notices(officer: Officer) -> list[Markup]:
    notices: list[Notice] = current_app.extensions.get(NOTICES, [])
    with scoped(officer.organisation_id) as session:
        return [found for notice in notices if (found := notice(session, officer))]


def _alarms(officer: Officer) -> int:
    """Alarms that nobody has noted yet; none for those who are not to mind them. Asked for by the frame only."""
    if not {role.value for role in READERS}.intersection(officer.roles):
        return 0
    with scoped(officer.organisation_id) as session:
        return len(open_alarms(session, officer.organisation_id))


def _codes_used_up(officer: Officer) -> bool:
    """Whether administrators must be told that newcomers get no codes by SMS any more today."""
    if Role.ADMINISTRATOR not in officer.roles:
        return False
    here = platform()
    with unscoped() as session:
        return used(session, here.signing_key, CODES, "", timedelta(days=1)) >= here.sms_codes_a_day
