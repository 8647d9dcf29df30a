"""Letting an alert go by the API: what a program, too, must have read."""

from __future__ import annotations

from typing import Any

from alerts.audience.services import preview
from alerts.lifecycle import services
from alerts.lifecycle.authority import TOLERANCE
from alerts.lifecycle.models import Alert
from alerts.lifecycle.snapshots import intake_of
from alerts.lifecycle.threads import active_since
from registry.api.access import Call
from registry.errors import Invalid
from registry.staff.reach import check_area
from registry.web.platform import platform


def approve(call: Call, alert: Alert, body: dict[str, Any]) -> Alert:
    """As an officer does on the console; a program that names the number of people is held to it."""
    if body.get("people") is not None:
        _check_people(call, alert, body["people"])
    return services.approve(call.session, call.officer, alert, body.get("audience"))


def break_glass(call: Call, alert: Alert, body: dict[str, Any]) -> Alert:
    """Alone, so nothing of what the console asks for is left out."""
    _check_people(call, alert, body.get("people"))
    url = f"{platform().base_url}/console/alerts/{alert.public_id}"
    reason, seen = body["reason"], body["audience"]
    return services.break_glass(call.session, call.vault.keys, call.officer, alert, reason, seen, url)


def _check_people(call: Call, alert: Alert, given: int | None) -> None:
    """Raise Invalid where the number isn't that of the people reached, or is wanting above CONFIRM_ABOVE; and at once
    for an officer of a post that doesn't serve the area."""
    check_area(call.session, call.officer, alert.area["countries"])
    since = active_since(call.session, alert.thread_id)
    people = preview(call.session, call.vault.organisation, intake_of(alert), active_since=since).people
    if given is None and people > platform().confirm_above:
        raise Invalid.one("people", "required", "give the number of people that it goes to")
    if given is not None and abs(given - people) > people // TOLERANCE:
        raise Invalid.one("people", "count", f"it goes to {people:,} people")
