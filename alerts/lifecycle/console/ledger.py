"""The ledger behind each number of the progress page."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from alerts.delivery.ledger import list_deliveries, people_in
from alerts.delivery.models import DeliveryState
from alerts.lifecycle import services
from alerts.lifecycle.console.blueprint import blueprint
from alerts.lifecycle.console.words import CHANNELS
from registry.api.pages import page_of
from registry.audit.reading import Purpose, readings
from registry.audit.services import record
from registry.database import scoped
from registry.errors import NotFound
from registry.organisations.services import actor_of
from registry.people.vault import Vault
from registry.staff.reach import reach_of
from registry.web.console import current_officer, requires
from registry.web.console.paging import exact_place_in
from registry.web.platform import platform

PAGE = 50


@blueprint.get("/<alert_id>/deliveries")
@requires()
def deliveries(alert_id: str) -> ResponseReturnValue:
    """One row for each contact point, with its address masked. Reading it is audited."""
    officer = current_officer()
    state, channel, code = _filters()
    with scoped(officer.organisation_id) as session:
        alert = services.get(session, alert_id)
        vault = Vault.open(session, platform().keyring, officer.organisation_id)
        name = f"console deliveries:{alert.id}"
        after = exact_place_in(vault, name)
        reach = reach_of(session, officer)
        found = list_deliveries(
            session, alert, state, after, PAGE + 1, channel=channel, code=code, within=reach
        )
        shown, following = page_of(
            vault, name, found, PAGE, lambda one: (one.delivery.channel, one.delivery.contact_point_id)
        )
        rows = [
            (
                entry,
                DeliveryState(entry.delivery.state),
                vault.masked(entry.contact) if entry.contact else "",
            )
            for entry in shown
        ]
        seen = readings(Purpose.LEDGER, "people", people_in(shown))
        details = {"deliveries": len(rows), **seen}
        record(session, actor_of(officer), "alert.deliveries", alert.public_id, details)
    wanted: dict[str, Any] = {"channel": channel, "state": state.word if state else None, "code": code}
    here = partial(url_for, ".deliveries", alert_id=alert.public_id, **wanted)
    return render_template(
        "alerts/ledger.html",
        alert=alert,
        rows=rows,
        state=state,
        channel=channel,
        code=code,
        next_url=here(after=following) if following else None,
        first_url=here() if after else None,
    )


def _filters() -> tuple[DeliveryState | None, str | None, str | None]:
    word, channel, code = (request.args.get(name) or None for name in ("state", "channel", "code"))
    if channel is not None and channel not in CHANNELS:
        raise NotFound
    if code is not None and (len(code) > 40 or "\0" in code):
        raise NotFound
    try:
        return (DeliveryState[word.upper()] if word else None), channel, code
    except KeyError:
        raise NotFound from None
