"""The console's part for the inbox, and the counter at the head of every page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask import render_template, url_for
from markupsafe import Markup

from alerts.inbox.services import own_cases, tone, waiting
from registry.database import Session
from registry.organisations.models import Officer, Role
from registry.staff.reach import reach_of
from registry.web.console import NavItem, console_blueprint, may
from registry.web.console.chrome import add_notice
from registry.web.console.waiting import Task, add_waiting
from registry.web.language import ngettext
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


def tasks(session: Session, officer: Officer) -> Iterator[Task]:
    """Messages and cases that nobody has taken, and the officer's own cases."""
    if not may(*READERS):
        return
    found = waiting(session, reach_of(session, officer))
    if messages := found.pleas + found.others:
        text = ngettext("%(num)d message to read", "%(num)d messages to read", messages)
        yield Task(text, url_for("inbox.index"), urgent=found.pleas > 0)
    if found.cases:
        text = ngettext("%(num)d case without an owner", "%(num)d cases without an owner", found.cases)
        yield Task(text, url_for("responses.cases", owner="nobody"), urgent=True)
    if own := own_cases(session, officer):
        text = ngettext("%(num)d open case of yours", "%(num)d open cases of yours", own)
        yield Task(text, url_for("responses.cases"))


blueprint.record_once(lambda state: add_notice(state.app, counter))
blueprint.record_once(lambda state: add_waiting(state.app, tasks))
