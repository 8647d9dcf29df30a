"""The report as CSV: one figure a line, in words for programs. Counts only, and nobody's name but the asker's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from alerts.delivery.models import DeliveryState
from alerts.lifecycle.console.words import title
from alerts.reports.console.report import Report
from alerts.reports.counts import Group
from registry.exports.cells import line
from registry.organisations.models import Officer

Row = tuple[object, ...]
HEAD = ("part", "of", "figure", "value")


def lines(report: Report, officer: Officer, now: datetime) -> Iterator[str]:
    """The file in pieces: times in UTC (ISO 8601), durations in seconds from approval."""
    yield "\ufeff" + line(*HEAD)
    for row in _rows(report, officer, now):
        yield line(*("" if cell is None else cell for cell in row))


def _rows(report: Report, officer: Officer, now: datetime) -> Iterator[Row]:
    alert, course, answers = report.alert, report.course, report.answers
    yield "about", "", "alert", alert.public_id
    yield "about", "", "title", title(alert)
    yield "about", "", "exercise", "yes" if alert.exercise else "no"
    yield "about", "", "made for", officer.email
    yield "about", "", "made at", _moment(now)
    if report.counted is None:
        yield "about", "", "kept", "counts by channel, state and reason only"
    elif report.counted.at:
        yield "about", "", "counted at", _moment(report.counted.at)
    yield from (("timeline", "", moment.word, _moment(moment.at)) for moment in report.timeline)
    for name in ("audience", "handed_over", "delivered", "trouble", "held_back", "waiting"):
        yield "messages", "", name, getattr(course, name)
    for name in ("told", "safe", "help", "silent", "open_cases"):
        yield "people", "", name, getattr(answers, name)
    if report.everybody:
        yield from _group("people", "", report.everybody)
    for channel, states in course.counts.items():
        yield from (("channel", channel, state.word, states[state]) for state in DeliveryState)
    for route in report.routes:
        of = f"{route.channel} {route.provider}".strip()
        for name in ("handed_over", "delivered", "trouble"):
            yield "provider", of, name, getattr(route, name)
    for failure in report.failures:
        yield (
            "reason",
            f"{failure.channel} {failure.state.word}",
            failure.code or "none given",
            failure.number,
        )
    for seconds, handed_over, delivered, answered in report.speed:
        for name, number in (("handed_over", handed_over), ("delivered", delivered), ("answered", answered)):
            yield "within seconds", seconds, name, number
    for group in report.languages:
        yield from _group("language", group.language or "", group)
    for group in report.areas:
        yield from _group("area", group.subdivision or group.country or "not known", group)


def _group(part: str, of: str, group: Group) -> Iterator[Row]:
    yield part, of, "meant for", group.people
    if part != "people":
        for name in ("told", "safe", "help"):
            yield part, of, name, getattr(group, name)
    for name in ("median", "last"):
        seconds = getattr(group, name)
        yield part, of, f"{name}_seconds", None if seconds is None else f"{seconds:.1f}"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
