"""Who has said that they are safe, or need help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from alerts.followups.board import board, silent_people
from alerts.followups.services import ASK_AFTER, can_follow, next_round
from alerts.lifecycle.console.blueprint import STEERERS
from alerts.lifecycle.console.fields import UPDATE_HOURS
from alerts.lifecycle.services import get as get_alert
from alerts.responses import services
from alerts.responses.console.blueprint import COUNTERS, blueprint
from alerts.responses.models import Safety
from registry.api.pages import page_of
from registry.audit.reading import Purpose, readings
from registry.audit.services import record
from registry.errors import NotFound
from registry.organisations.services import actor_of
from registry.staff.reach import reach_of
from registry.web.console import current_officer, may, requires
from registry.web.console.access import polls
from registry.web.console.paging import exact_place_in
from registry.web.console.vaults import transaction

PAGE = 50


@blueprint.get("/alerts/<alert_id>/checkins")
@requires(*COUNTERS)
def checkins(alert_id: str) -> ResponseReturnValue:
    """The board, and an alert's check-ins in the order of first answers, or whoever is silent. Reading is audited."""
    officer, safety, silent = current_officer(), _safety(), request.args.get("safety") == "silent"
    with transaction() as (session, vault):
        alert = get_alert(session, alert_id)
        name = f"console checkins:{alert.id}"
        place = exact_place_in(vault, name)
        after = place[0] if place else 0
        reach = reach_of(session, officer)
        found: Sequence[Any] = ()
        if polls():
            pass  # which asks for the counts alone
        elif silent:
            found = silent_people(session, alert, after, PAGE + 1, reach)
        else:
            found = services.list_checkins(session, alert, after, PAGE + 1, safety, reach)
        shown, following = page_of(vault, name, found, PAGE)
        if not polls():
            people = (row if silent else row.person for row in shown)
            seen = readings(Purpose.CHECK_INS, "checkins", (person.public_id for person in people))
            record(session, actor_of(officer), "alert.checkins", alert.public_id, seen)
        word = "silent" if silent else safety.value if safety else ""
        here: dict[str, Any] = {"alert_id": alert.public_id, "safety": word or None}
        return render_template(
            "responses/checkins.html",
            alert=alert,
            rows=shown,
            word=word,
            here=url_for(".checkins", **here),
            board=board(session, alert),
            next_round=next_round(session, alert),
            followable=can_follow(alert) and may(*STEERERS),
            ask_after=ASK_AFTER,
            update_hours=UPDATE_HOURS,
            next_url=url_for(".checkins", after=following, **here) if following else None,
            first_url=url_for(".checkins", **here) if after else None,
        )


def _safety() -> Safety | None:
    word = request.args.get("safety")
    try:
        return Safety(word) if word and word != "silent" else None
    except ValueError:
        raise NotFound from None
