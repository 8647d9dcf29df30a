"""The dispatcher's side of an alert's life. Expects a session scoped to every organisation it serves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from alerts.delivery.models import Batch, Delivery, DeliveryState
from alerts.lifecycle.clock import now
from alerts.lifecycle.models import Alert, AlertState
from alerts.lifecycle.moves import LEGAL, Move, check
from registry.audit.services import record, system

_OPEN = (DeliveryState.PENDING, DeliveryState.CLAIMED)


def due_to_plan(session: Session, number: int | None = None) -> list[Alert]:
    """Alerts whose audience is not wholly cut into batches yet, the first approved first; locked, others' left out.

    With `number`, that alert only. What corrects others waits until the last of them has come to rest, for until then
    nobody knows whom it is for.
    """
    other = aliased(Alert)
    open_still = exists().where(
        Alert.filters["reached_by"].has_key(other.public_id.cast(String)),
        other.organisation_id == Alert.organisation_id,
        Batch.alert_id == other.id,
        Batch.next_attempt_at.is_not(None),
    )
    unplanned = or_(
        Alert.state == AlertState.APPROVED,
        (Alert.state == AlertState.SENDING) & Alert.planned_at.is_(None),
    ) & (Alert.expires_at > func.now())
    wanted = unplanned & ~open_still
    return _locked(session, wanted if number is None else wanted & (Alert.id == number), Alert.approved_at)


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
    """Mark those as sent of which every delivery was handed over or has come to rest; return how many.

    What a provider took and could not deliver is sent anew without keeping its alert: that may take an hour.
    """
    of_it = (Batch.alert_id == Alert.id) & Batch.next_attempt_at.is_not(None)
    to_do = select(func.coalesce(func.sum(Batch.pending + Batch.claimed), 0)).where(of_it).scalar_subquery()
    planned = (Alert.state == AlertState.SENDING) & Alert.planned_at.is_not(None)
    rows = session.execute(select(Alert.id, to_do).where(planned, ~exists().where(of_it, ~Batch.expanded)))
    done = [number for number, count in rows if count <= (_sent_anew(session, number) if count else 0)]
    found = _locked(session, planned & Alert.id.in_(done)) if done else []
    for alert in found:
        alert.finished_at = now(session)
        _move(session, alert, Move.FINISH, "alert.sent")
    return len(found)


def _sent_anew(session: Session, number: int) -> int:
    """How many messages of an alert wait to be sent anew, or are being so."""
    query = select(func.count()).where(
        Delivery.alert_id == number, Delivery.resent > 0, Delivery.state.in_(_OPEN)
    )
    return session.scalar(query) or 0


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
