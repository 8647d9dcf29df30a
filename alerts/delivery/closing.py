"""Ending what must not be sent any more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from alerts.delivery.batches import settle
from alerts.delivery.claims import expand
from alerts.delivery.models import DeliveryState as S

OVERTAKEN = """(a.corrected_at IS NOT NULL OR EXISTS (
    SELECT FROM alerts later WHERE later.thread_id = coalesce(a.thread_id, a.id) AND later.id > a.id
    AND later.approved_at > a.approved_at AND later.type IN ('cancel', 'all_clear')))"""
"""Of an alert `a` that was sent: what still could be sent of it has been overtaken."""

_OPEN = text(f"""
    SELECT b.id, b.organisation_id, b.alert_id, b.channel, b.low, b.high, b.expanded, a.snapshot,
           CASE WHEN a.state = 'cancelled' OR a.expires_at > now() THEN 'cancelled' ELSE 'expired' END AS reason
    FROM batches b JOIN alerts a ON a.id = b.alert_id
    WHERE b.next_attempt_at IS NOT NULL AND (a.state IN ('cancelled', 'expired') OR a.state = 'sent' AND (
          a.expires_at <= now() OR {OVERTAKEN}))
      AND (b.lease_until IS NULL OR b.lease_until <= now())
    ORDER BY b.id LIMIT :limit FOR UPDATE OF b SKIP LOCKED
""")

_CLOSE = text(f"""
    UPDATE deliveries SET state = CASE WHEN state = {S.CLAIMED} THEN {S.UNCERTAIN} ELSE {S.EXPIRED} END,
        code = :reason, next_attempt_at = NULL, updated_at = now()
    WHERE alert_id = :alert AND channel = :channel AND contact_point_id > :low AND contact_point_id <= :high
      AND state IN ({S.PENDING}, {S.CLAIMED})
""")

_LET_GO = text("UPDATE batches SET claim = NULL, lease_until = NULL, expanded = true WHERE id = :batch")


def close_batches(session: Session, limit: int = 50) -> int:
    """Close batches of alerts that are over, and return how many; scoped to every organisation.

    Over are those cancelled or expired, and of those sent, which may still send anew what came back, the expired, the
    corrected, and those that a cancel or an all clear has followed.

    What was never handed over becomes `expired` with the reason; what may have been is `uncertain`, for an officer
    to see.
    """
    batches = session.execute(_OPEN, {"limit": limit}).all()
    for batch in batches:
        _close(session, batch)
    if batches:
        settle(session, [batch.id for batch in batches])
    return len(batches)


def _close(session: Session, batch: Row[Any]) -> None:
    if not batch.expanded:
        expand(session, batch, S.EXPIRED, batch.reason)
    else:
        session.execute(
            _CLOSE,
            {
                "alert": batch.alert_id,
                "channel": batch.channel,
                "low": batch.low,
                "high": batch.high,
                "reason": batch.reason,
            },
        )
    session.execute(_LET_GO, {"batch": batch.id})
