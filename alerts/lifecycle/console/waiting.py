"""Which alerts wait for an officer."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from alerts.lifecycle.console.allowed import allowed
from alerts.lifecycle.console.blueprint import blueprint
from alerts.lifecycle.console.words import title
from alerts.lifecycle.models import Alert, AlertState
from registry.organisations.models import Officer
from registry.staff.reach import outside, reach_of
from registry.web.console.waiting import Task, add_waiting
from registry.web.language import gettext as _

MOST = 20


def waiting(session: Session, officer: Officer) -> Iterator[Task]:
    """Alerts to approve, and one's own that were returned; the newest first."""
    query = (
        select(Alert)
        .where(
            Alert.organisation_id == officer.organisation_id,
            or_(
                Alert.state == AlertState.SUBMITTED,
                (Alert.state == AlertState.RETURNED) & (Alert.author_id == officer.id),
            ),
        )
        .order_by(Alert.exercise, Alert.id.desc())
        .limit(MOST)
    )
    reach = reach_of(session, officer)
    for alert in session.scalars(query):
        elsewhere = bool(outside(reach, alert.area["countries"]))
        moves = allowed(alert, officer, begun=False, beyond=elsewhere)
        url, name = url_for("alerts.show", alert_id=alert.public_id), title(alert)
        if alert.exercise:
            name = f"{name} ({_('Exercise')})"
        if alert.state is AlertState.RETURNED and "edit" in moves:
            yield Task(_("Returned to you: %(alert)s", alert=name), url)
        elif "approve" in moves:
            yield Task(_("Approve or return: %(alert)s", alert=name), url, urgent=not alert.exercise)


blueprint.record_once(lambda state: add_waiting(state.app, waiting))
