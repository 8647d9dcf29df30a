"""What officers send after an alert by one press, and the reminder that an update was promised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from alerts.followups import services
from alerts.followups.due import promises_due
from alerts.lifecycle.clock import now
from alerts.lifecycle.console.blueprint import STEERERS
from alerts.lifecycle.console.fields import UPDATE_HOURS
from alerts.lifecycle.models import Alert
from alerts.lifecycle.services import get as get_alert
from alerts.responses.console.blueprint import COUNTERS, blueprint
from registry.audit.services import Actor
from registry.database import Session, scoped
from registry.errors import Conflict
from registry.organisations.models import Officer
from registry.organisations.services import actor_of
from registry.web.console import current_officer, may, requires
from registry.web.console.chrome import add_notice


@blueprint.post("/alerts/<alert_id>/ask-again")
@requires(*STEERERS)
def ask_again(alert_id: str) -> ResponseReturnValue:
    """Ask the silent again now; or by themselves, after so many minutes."""
    word = request.form.get("after", "")

    def act(session: Session, actor: Actor, alert: Alert) -> str:
        if request.form.get("do") == "now":
            services.ask_next(session, actor, alert)
            return "They are asked again."
        minutes = int(word) if word in {str(one) for one in services.ASK_AFTER} else None
        services.set_ask_again(session, actor, alert, minutes)
        return "Saved: it happens by itself." if minutes else "Saved: nobody is asked again by itself."

    return _follow(alert_id, act)


@blueprint.post("/alerts/<alert_id>/no-news")
@requires(*STEERERS)
def no_news(alert_id: str) -> ResponseReturnValue:
    """Tell those who were told that there is no news yet, and promise the next update."""
    word = request.form.get("hours", "")
    hours = int(word) if word in {str(one) for one in UPDATE_HOURS} else UPDATE_HOURS[1]

    def act(session: Session, actor: Actor, alert: Alert) -> str:
        services.no_news(session, actor, alert, now(session) + timedelta(hours=hours))
        return "They are told that there is no news yet."

    return _follow(alert_id, act)


def _follow(alert_id: str, act: Callable[[Session, Actor, Alert], str]) -> ResponseReturnValue:
    officer = current_officer()
    try:
        with scoped(officer.organisation_id) as session:
            flash(act(session, actor_of(officer), get_alert(session, alert_id)), "good")
    except Conflict as conflict:
        flash(str(conflict), "warn")
    return redirect(url_for(".checkins", alert_id=alert_id), 303)


def promises(session: Session, _officer: Officer) -> Markup | None:
    """Updates that were promised and are about due or late; for those who can see the board."""
    if not may(*COUNTERS):
        return None
    due = promises_due(session)
    if not due:
        return None
    return Markup(render_template("responses/promises.html", due=due, now=now(session)))  # noqa: S704 - a template's own


blueprint.record_once(lambda state: add_notice(state.app, promises))
