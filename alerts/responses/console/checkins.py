"""Who has said that they are safe, or need help."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from alerts.lifecycle.services import get as get_alert
from alerts.responses import services
from alerts.responses.console.blueprint import COUNTERS, blueprint
from alerts.responses.console.paging import PAGE, position
from alerts.responses.models import Safety
from registry.api.pages import seal_cursor
from registry.audit.reading import Purpose, readings
from registry.audit.services import record
from registry.database import scoped
from registry.errors import NotFound
from registry.organisations.services import actor_of
from registry.people.vault import Vault
from registry.web.console import current_officer, requires
from registry.web.platform import platform


@blueprint.get("/alerts/<alert_id>/checkins")
@requires(*COUNTERS)
def checkins(alert_id: str) -> ResponseReturnValue:
    """An alert's check-ins, in the order of first answers. Reading them is audited."""
    officer, safety = current_officer(), _safety()
    with scoped(officer.organisation_id) as session:
        alert = get_alert(session, alert_id)
        vault = Vault.open(session, platform().keyring, officer.organisation_id)
        name = f"console checkins:{alert.id}"
        after = position(vault, name)
        found = services.list_checkins(session, alert, after, PAGE + 1, safety)
        counted = services.summary(session, alert)
        seen = readings(Purpose.CHECK_INS, "checkins", (row.person.public_id for row in found[:PAGE]))
        record(session, actor_of(officer), "alert.checkins", alert.public_id, seen)
    here: dict[str, Any] = {"alert_id": alert.public_id, "safety": safety.value if safety else None}
    following = None
    if len(found) > PAGE:
        following = url_for(".checkins", after=seal_cursor(vault, name, found[PAGE - 1].id), **here)
    return render_template(
        "responses/checkins.html",
        alert=alert,
        rows=found[:PAGE],
        safety=safety,
        summary=counted,
        next_url=following,
        first_url=url_for(".checkins", **here) if after else None,
    )


def _safety() -> Safety | None:
    word = request.args.get("safety")
    try:
        return Safety(word) if word else None
    except ValueError:
        raise NotFound from None
