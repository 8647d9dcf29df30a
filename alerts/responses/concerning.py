"""Which alerts in force concern one person. The session is scoped to the organisation."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from alerts.audience.query import Members
from alerts.lifecycle.models import Alert, AlertState, AlertType
from registry.people.models import Person

GONE_OUT = (AlertState.SENDING, AlertState.PAUSED, AlertState.SENT)
LATEST = 50
"""Alerts of one organisation in force at one time, at most; older ones are not looked at."""


def alerts_concerning(session: Session, person: Person) -> list[Alert]:
    """The latest alert of each thread in force whose audience the person is in, newest first.

    An all clear or a cancel ends its thread. Being paused or opted out hides nothing here.
    """
    rows = session.scalars(
        select(Alert)
        .where(
            Alert.organisation_id == person.organisation_id,
            Alert.state.in_(GONE_OUT),
            Alert.standing.is_(None),
            Alert.expires_at > func.now(),
        )
        .order_by(Alert.approved_at.desc())
        .limit(LATEST)
    )
    seen: set[int] = set()
    found = []
    for alert in rows:
        thread = alert.thread_id or alert.id
        if thread in seen:
            continue
        if alert.type in (AlertType.ALL_CLEAR, AlertType.CANCEL):
            seen.add(thread)
        elif _is_for(session, alert, person):
            seen.add(thread)
            found.append(alert)
    return found


def _is_for(session: Session, alert: Alert, person: Person) -> bool:
    members = Members.of_snapshot(alert.organisation_id, alert.snapshot or {})
    condition = f"SELECT EXISTS (SELECT FROM reach r WHERE {members.condition} AND r.person_id = :person)"
    return bool(session.scalar(text(condition), members.values | {"person": person.id}))
