"""The console's part for the inbox, and the counter at the head of every page."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template
from markupsafe import Markup

from alerts.inbox.services import tone, waiting
from registry.database import Session
from registry.organisations.models import Officer, Role
from registry.staff.reach import reach_of
from registry.web.console import NavItem, console_blueprint, may
from registry.web.console.chrome import add_notice
from registry.web.platform import platform

READERS = (Role.CASE_WORKER,)

blueprint = console_blueprint(
    "inbox",
    __name__,
    nav=(NavItem("Inbox", "inbox.index", READERS, weight=25),),
    url_prefix="/console",
    template_folder="templates",
)


def limit() -> timedelta:
    """After which a plea has waited too long."""
    return timedelta(minutes=platform().plea_unread_minutes)


def counter(session: Session, officer: Officer) -> Markup | None:
    """What waits; for those who may read it, and nothing can hide it."""
    if not may(*READERS):
        return None
    found = waiting(session, reach_of(session, officer))
    if not (found.pleas or found.others or found.cases):
        return None
    colour = tone(found.oldest, limit()) if found.oldest is not None else "neutral"
    return Markup(render_template("inbox/counter.html", waiting=found, colour=colour))  # noqa: S704 - a template's own


blueprint.record_once(lambda state: add_notice(state.app, counter))
