"""The report after an alert: how it went, whom it reached and how fast. Counts only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts.delivery.tally import tally
from alerts.lifecycle.console.figures import Course, Failure, course, failures
from alerts.lifecycle.models import Alert
from alerts.reports.counting import answered
from alerts.reports.counts import Group
from alerts.reports.curve import Curve, curve, marks
from alerts.reports.keeping import Counted, counted
from alerts.reports.routes import Route, routes
from alerts.responses.models import CheckIn
from alerts.responses.services import Summary, summary
from registry.i18n import mark


class Moment(NamedTuple):
    """Something that happened."""

    word: str
    """For programs."""
    label: str
    at: datetime
    after: float | None
    """Seconds from approval; None before it."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that the page and the file say."""

    alert: Alert
    course: Course
    answers: Summary
    timeline: list[Moment]
    failures: list[Failure]
    counted: Counted | None
    """None where what follows can't be told: no longer, or not yet."""
    everybody: Group | None
    curve: Curve | None
    speed: list[tuple[int, ...]]
    """(seconds from approval, messages handed over, delivered, people who had answered)."""
    languages: list[Group]
    areas: list[Group]
    routes: list[Route]


def report(session: Session, alert: Alert) -> Report:
    """Of an alert that was approved."""
    states = tally(session, alert)
    found, kept = course(alert, states), counted(session, alert, states)
    counts = kept.counts if kept else None
    everybody = counts.everybody if counts else None
    groups = counts.groups if counts else ()
    return Report(
        alert,
        found,
        summary(session, alert),
        _timeline(session, alert, everybody),
        failures(session, alert),
        kept,
        everybody,
        curve(found.planned - found.held_back, counts.handed_over, counts.delivered) if counts else None,
        marks(counts.handed_over, counts.delivered, answered(session, alert)) if counts else [],
        [group for group in groups if group.language is not None],
        [group for group in groups if group.country is not None],
        routes(counts.messages) if counts else [],
    )


def _timeline(session: Session, alert: Alert, everybody: Group | None) -> list[Moment]:
    first, last = session.execute(
        select(func.min(CheckIn.at), func.max(CheckIn.at)).where(CheckIn.alert_id == alert.id)
    ).one()
    moments = {
        "written": (mark("Written"), alert.created_at),
        "submitted": (mark("Approval asked for"), alert.submitted_at),
        "approved": (
            mark("Sent by one officer alone") if alert.break_glass_reason else mark("Approved"),
            alert.approved_at,
        ),
        "first_message": (mark("First message"), alert.first_sent_at),
        "half_told": (mark("Half of the people had it"), _after(alert, everybody and everybody.median)),
        "last_told": (mark("The last person had it"), _after(alert, everybody and everybody.last)),
        "finished": (mark("Finished"), alert.finished_at),
        "first_answer": (mark("First answer"), first),
        "last_answer": (mark("Last answer"), last),
        "corrected": (mark("Corrected"), alert.corrected_at),
        "details_removed": (mark("Details removed"), alert.ledger_removed_at),
    }
    found = [
        Moment(word, label, at, _since(alert, at)) for word, (label, at) in moments.items() if at is not None
    ]
    return sorted(found, key=lambda moment: moment.at)


def _after(alert: Alert, seconds: float | None) -> datetime | None:
    return (
        alert.approved_at + timedelta(seconds=seconds) if alert.approved_at and seconds is not None else None
    )


def _since(alert: Alert, at: datetime) -> float | None:
    if alert.approved_at is None or at <= alert.approved_at:
        return None
    return (at - alert.approved_at).total_seconds()
