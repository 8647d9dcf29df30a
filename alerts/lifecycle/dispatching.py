"""The dispatcher's side of an alert's life. Expects a session scoped to every organisation it serves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from alerts.delivery.models import Batch
from alerts.lifecycle.clock import now
from alerts.lifecycle.models import Alert, AlertState
from alerts.lifecycle.moves import LEGAL, Move, check
from registry.audit.services import record, system


def due_to_plan(session: Session, number: int | None = None) -> list[Alert]:
    """Alerts whose audience is not wholly cut into batches yet, the first approved first; locked, others' left out.

    With `number`, that alert only.
    """
    unplanned = or_(
        Alert.state == AlertState.APPROVED,
        (Alert.state == AlertState.SENDING) & Alert.planned_at.is_(None),
    ) & (Alert.expires_at > func.now())
    return _locked(
        session, unplanned if number is None else unplanned & (Alert.id == number), Alert.approved_at
    )


def mark_sending(session: Session, alert: Alert) -> None:
    """Its first batches exist; doing it again changes nothing."""
    if alert.state is AlertState.APPROVED:
        alert.state = check(alert.state, Move.START)
    session.flush()


def mark_planned(session: Session, alert: Alert) -> None:
    """All its batches exist, if only none."""
    mark_sending(session, alert)
    alert.planned_at = now(session)
    session.flush()


def finish_sent(session: Session) -> int:
    """Mark those as sent of which every delivery has come to rest; return how many."""
    under_way = exists().where(Batch.alert_id == Alert.id, Batch.next_attempt_at.is_not(None))
    found = _locked(session, (Alert.state == AlertState.SENDING) & Alert.planned_at.is_not(None) & ~under_way)
    for alert in found:
        alert.finished_at = now(session)
        _move(session, alert, Move.FINISH, "alert.sent")
    return len(found)


def expire_due(session: Session) -> int:
    """End those whose time is over, and return how many. What is still to be sent of them is not sent any more."""
    found = _locked(session, Alert.state.in_(list(LEGAL[Move.EXPIRE])) & (Alert.expires_at <= func.now()))
    for alert in found:
        alert.finished_at = now(session)
        _move(session, alert, Move.EXPIRE, "alert.expired")
    return len(found)


def _locked(
    session: Session, condition: ColumnElement[bool], *order: InstrumentedAttribute[Any]
) -> list[Alert]:
    """In the order of organisations unless told: the audit chain makes those who act in one wait for each other."""
    query = select(Alert).where(condition).order_by(*(order or (Alert.organisation_id, Alert.id)))
    query = query.with_for_update(key_share=True, skip_locked=True)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _move(session: Session, alert: Alert, move: Move, action: str) -> None:
    before, alert.state = alert.state, check(alert.state, move)
    session.flush()
    details = {"from": before.value, "to": alert.state.value}
    record(session, system(alert.organisation_id), action, alert.public_id, details)
