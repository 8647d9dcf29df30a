"""The list of alerts."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from alerts.delivery.tally import tally
from alerts.lifecycle import services
from alerts.lifecycle.console.blueprint import AUTHORS, blueprint
from alerts.lifecycle.console.figures import Course, course
from alerts.lifecycle.models import Alert
from alerts.lifecycle.threads import went_out
from registry.api.pages import page_of
from registry.database import Session, scoped
from registry.people.vault import Vault
from registry.web.console import current_officer, may, requires
from registry.web.console.paging import exact_place_in
from registry.web.platform import platform

PAGE = 25
LIST = "console alerts"


@blueprint.get("/", strict_slashes=False)
@requires()
def index() -> ResponseReturnValue:
    """Alerts, the newest first. Exercises are elsewhere."""
    return _list(exercise=False)


@blueprint.get("/exercises")
@requires()
def exercises() -> ResponseReturnValue:
    """Exercises, the newest first."""
    return _list(exercise=True)


def _list(*, exercise: bool) -> ResponseReturnValue:
    officer, here = current_officer(), ".exercises" if exercise else ".index"
    with scoped(officer.organisation_id) as session:
        vault = Vault.open(session, platform().keyring, officer.organisation_id)
        place = exact_place_in(vault, LIST)
        after = place[0] if place else None
        found = services.list_(session, after, PAGE + 1, exercise=exercise)
        shown, following = page_of(vault, LIST, found, PAGE)
        rows = [(alert, _course(session, alert)) for alert in shown]
    return render_template(
        "alerts/index.html",
        rows=rows,
        next_url=url_for(here, after=following) if following else None,
        first_url=url_for(here) if after else None,
        exercise=exercise,
        author=may(*AUTHORS),
    )


def _course(session: Session, alert: Alert) -> Course | None:
    return course(alert, tally(session, alert)) if went_out(alert) else None
