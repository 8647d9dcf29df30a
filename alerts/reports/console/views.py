"""The report as a page and as a file."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from alerts.lifecycle import services
from alerts.lifecycle.clock import now
from alerts.lifecycle.models import Alert
from alerts.reports.console.blueprint import blueprint
from alerts.reports.console.file import lines
from alerts.reports.console.report import report
from registry.audit.services import record
from registry.database import scoped
from registry.errors import NotFound
from registry.organisations.services import actor_of
from registry.web.console import current_officer, requires

MOST_AREAS = 60
"""On the page; the file has all."""


@blueprint.get("/<alert_id>/report")
@requires()
def show(alert_id: str) -> ResponseReturnValue:
    """The page, which also prints."""
    officer = current_officer()
    with scoped(officer.organisation_id) as session:
        alert = _approved(session, alert_id)
        found = report(session, alert)
        return render_template(
            "reports/report.html",
            alert=alert,
            report=found,
            areas=found.areas[:MOST_AREAS],
            now=now(session),
        )


@blueprint.get("/<alert_id>/report.csv")
@requires()
def download(alert_id: str) -> ResponseReturnValue:
    """The same as CSV. Taking it is audited."""
    officer = current_officer()
    with scoped(officer.organisation_id) as session:
        alert = _approved(session, alert_id)
        text = "".join(lines(report(session, alert), officer, now(session)))
        record(session, actor_of(officer), "alert.report", alert.public_id)
    name = f"rollcall-report-{str(alert.public_id)[-8:]}.csv"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype="text/csv", headers=disposition)


def _approved(session: Session, alert_id: str) -> Alert:
    alert = services.get(session, alert_id)
    if alert.snapshot is None:
        raise NotFound
    return alert
