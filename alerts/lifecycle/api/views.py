"""`/alerts`: preview, draft, change, submit, approve, steer, follow."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from apiflask import APIBlueprint
from pydantic import BaseModel

from alerts.audience.preview import Rates
from alerts.audience.services import preview
from alerts.lifecycle import models, services
from alerts.lifecycle.api import letting_go, schemas, showing
from alerts.lifecycle.intake import AlertIntake, read_alert
from alerts.lifecycle.models import AlertType
from alerts.lifecycle.threads import active_since, followed
from registry.api.access import Call
from registry.api.answers import Answer
from registry.api.document import ROOT
from registry.api.operations import Operation, operation
from registry.api.pages import open_cursor, page_of
from registry.api.schemas import PageQuery
from registry.organisations.models import Scope
from registry.staff.reach import check_area
from registry.web.platform import platform

LIST = "alerts"
EDITABLE = (
    "type",
    "level",
    "crisis",
    "severity",
    "area",
    "filters",
    "texts",
    "channels",
    "expires_at",
    "next_update_at",
    "exercise",
)
alerts_api = APIBlueprint("alerts_api", __name__, url_prefix=ROOT, tag="Alerts")


@operation(
    alerts_api,
    "POST",
    "/alerts/preview",
    Operation(
        Scope.ALERTS_READ,
        schemas.Preview,
        body=schemas.PreviewIn,
        reader=partial(read_alert, preview=True),
        question=True,
    ),
)
def preview_alert(call: Call, body: AlertIntake) -> Answer:
    """Count whom an alert would reach, and say what it would cost and how long it would take.

    Nothing is saved. Only the area is needed; what else is given is checked as for a draft.
    """
    check_area(call.session, call.officer, body.audience.countries)
    since = None
    if body.type is not AlertType.ALERT:
        first = followed(call.session, call.vault.organisation.id, body)
        since = active_since(call.session, first.id if first else None)
    found = preview(call.session, call.vault.organisation, body, Rates.of(platform()), since)
    return Answer(showing.previewed(found))


@operation(
    alerts_api,
    "POST",
    "/alerts",
    Operation(Scope.ALERTS_WRITE, schemas.Alert, 201, body=schemas.AlertIn, reader=read_alert),
)
def draft_alert(call: Call, body: AlertIntake) -> Answer:
    """Draft an alert."""
    alert = services.create_draft(call.session, call.officer, body)
    return Answer(showing.whole(call.session, alert), location=f"{ROOT}/alerts/{alert.public_id}")


@operation(alerts_api, "GET", "/alerts", Operation(Scope.ALERTS_READ, schemas.AlertsPage, query=PageQuery))
def list_alerts(call: Call, query: PageQuery) -> Answer:
    """List alerts, the newest first."""
    position = open_cursor(call.vault, LIST, query.after)
    alerts = services.list_(call.session, position[0] if position else None, query.limit + 1)
    shown, following = page_of(call.vault, LIST, alerts, query.limit)
    known = showing.roots(call.session, shown)
    return Answer(
        schemas.AlertsPage(items=[showing.summary(alert, known) for alert in shown], next=following)
    )


@operation(alerts_api, "GET", "/alerts/<alert_id>", Operation(Scope.ALERTS_READ, schemas.Alert))
def get_alert(call: Call, alert_id: str) -> Answer:
    """Get an alert and how far it has come."""
    return Answer(showing.whole(call.session, services.get(call.session, alert_id)))


@operation(
    alerts_api,
    "PATCH",
    "/alerts/<alert_id>",
    Operation(Scope.ALERTS_WRITE, schemas.Alert, body=schemas.AlertChanges, conflicts=True),
)
def change_alert(call: Call, alert_id: str, body: dict[str, Any]) -> Answer:
    """Change some fields of an alert that has not begun to go out.

    It is a draft again afterwards: a submission or an approval was for what it said before.
    """
    alert = services.get(call.session, alert_id)
    if body:
        intake = read_alert({**{name: getattr(alert, name) for name in EDITABLE}, **body})
        alert = services.edit(call.session, call.officer, alert, intake)
    return Answer(showing.whole(call.session, alert))


Act = Callable[[Call, models.Alert, dict[str, Any]], models.Alert]


def _move(word: str, scope: Scope, summary: str, act: Act, body: type[BaseModel] | None = None) -> None:
    """Declare a move: it answers with the alert as it then is, or with a conflict that gives the reason."""

    def view(call: Call, alert_id: str, body: dict[str, Any] | None = None) -> Answer:
        alert = act(call, services.get(call.session, alert_id), body or {})
        return Answer(showing.whole(call.session, alert))

    view.__name__, view.__doc__ = f"{word.replace('-', '_')}_alert", summary
    declared = Operation(scope, schemas.Alert, body=body, conflicts=True)
    operation(alerts_api, "POST", f"/alerts/<alert_id>/{word}", declared)(view)


_move(
    "submit",
    Scope.ALERTS_WRITE,
    "Ask for approval.",
    lambda call, alert, _: services.submit(call.session, call.officer, alert),
)
_move(
    "approve",
    Scope.ALERTS_APPROVE,
    "Approve, as somebody else than the author: it goes out at once.",
    letting_go.approve,
    schemas.ApproveIn,
)
_move(
    "break-glass",
    Scope.ALERTS_APPROVE,
    "Send one's own ready text alone, for want of anyone to approve it: every duty officer is told at once.",
    letting_go.break_glass,
    schemas.BreakGlassIn,
)
_move(
    "return",
    Scope.ALERTS_APPROVE,
    "Give it back to be changed, with the reason.",
    lambda call, alert, body: services.return_(call.session, call.officer, alert, body["reason"]),
    schemas.ReturnIn,
)
_move(
    "pause",
    Scope.ALERTS_WRITE,
    "Hold back what has not been handed over yet.",
    lambda call, alert, body: services.pause(call.session, call.officer, alert, body.get("reason")),
    schemas.ReasonIn,
)
_move(
    "resume",
    Scope.ALERTS_WRITE,
    "Go on with a paused alert.",
    lambda call, alert, _: services.resume(call.session, call.officer, alert),
)
_move(
    "cancel",
    Scope.ALERTS_WRITE,
    "End it for good; what has left can't be called back.",
    lambda call, alert, body: services.cancel(call.session, call.officer, alert, body.get("reason")),
    schemas.ReasonIn,
)
