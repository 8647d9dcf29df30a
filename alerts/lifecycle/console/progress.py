"""How far an alert has come: on its page, and for the script that keeps the page moving."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from alerts.delivery.tally import tally
from alerts.lifecycle import services
from alerts.lifecycle.console.blueprint import blueprint
from alerts.lifecycle.console.figures import (
    MOVING,
    Course,
    Failure,
    Pace,
    Stop,
    course,
    failures,
    pace,
    stops,
)
from alerts.lifecycle.models import Alert
from alerts.reports.counting import glance
from alerts.reports.curve import Curve, curve
from alerts.reports.routes import Route, routes
from alerts.responses.services import Summary, summary
from registry.database import scoped
from registry.errors import NotFound
from registry.web.console import current_officer, requires
from registry.web.platform import platform


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the moving parts of the page show."""

    course: Course
    pace: Pace
    stops: list[Stop]
    moving: bool
    """Messages are about to leave, or could."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What takes reading the ledger: asked for seldomer."""

    answers: Summary
    failures: list[Failure]
    curve: Curve | None
    """None once the ledger is removed, and before anything was handed over."""
    routes: list[Route]


def standing(session: Session, alert: Alert, counts: dict[str, dict[str, int]]) -> Standing:
    """How far an alert that was approved has come, by its tally."""
    found = course(alert, counts)
    moving = alert.state in MOVING or found.waiting > 0
    return Standing(found, pace(session, alert, found), stops(session, alert, platform().providers), moving)


def outcome(session: Session, alert: Alert, found: Course) -> Outcome:
    """What people answered, why some got nothing, how it went over time and by which provider."""
    messages, *times = glance(session, alert, found.planned)
    answers, reasons = summary(session, alert), failures(session, alert)
    return Outcome(answers, reasons, curve(found.planned - found.held_back, *times), routes(messages))


@blueprint.get("/<alert_id>/progress")
@requires()
def progress(alert_id: str) -> ResponseReturnValue:
    """The moving parts by their ids; 304 while nothing has moved. `?outcome=1` reads the ledger too."""
    with scoped(current_officer().organisation_id) as session:
        alert = services.get(session, alert_id)
        if alert.snapshot is None:
            raise NotFound
        found = standing(session, alert, tally(session, alert))
        parts = {"progress": render_template("alerts/progress.html", alert=alert, standing=found)}
        if request.args.get("outcome") == "1":
            parts["outcome"] = render_template(
                "alerts/outcome.html", alert=alert, outcome=outcome(session, alert, found.course)
            )
    answer: Response = jsonify(parts=parts, state=alert.state.value, moving=found.moving)
    answer.set_etag(sha256(answer.get_data()).hexdigest()[:32])
    return answer.make_conditional(request)
