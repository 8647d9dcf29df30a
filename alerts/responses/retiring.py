"""Ledgers of alerts long ended become counts: rows of deliveries, receipts and replies go, batches keep their tallies.

Every function expects a session scoped to every organisation and does a chunk, for a short transaction.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, text
from sqlalchemy.orm import Session

from alerts.lifecycle.models import Alert
from alerts.responses.telling import note_told
from registry.audit.services import record, system

_ENDED = text("""
    SELECT id FROM alerts
    WHERE ledger_removed_at IS NULL AND state IN ('sent', 'cancelled', 'expired')
      AND greatest(expires_at, finished_at) < now() - :kept
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
""")
_DELIVERIES = text("""
    DELETE FROM deliveries WHERE alert_id = :alert AND (channel, contact_point_id) IN (
        SELECT channel, contact_point_id FROM deliveries WHERE alert_id = :alert LIMIT :limit)
""")
_RECEIPTS = text("DELETE FROM received_receipts WHERE alert_id = :alert")
_REPLIES = text("""
    DELETE FROM replies WHERE id IN (SELECT id FROM replies WHERE received_at < now() - :kept LIMIT :limit)
""")


def remove_ledger(session: Session, kept: timedelta, limit: int) -> int:
    """Remove up to `limit` deliveries of one alert that ended longer than `kept` ago; how many, and one for its end."""
    number = session.scalar(_ENDED, {"kept": kept})
    if number is None:
        return 0
    alert = session.get_one(Alert, number)
    note_told(session, alert)
    gone: int = session.execute(_DELIVERIES, {"alert": number, "limit": limit}).rowcount  # type: ignore[attr-defined]
    if gone < limit:
        session.execute(_RECEIPTS, {"alert": number})
        alert.ledger_removed_at = session.scalar(func.now().select())
        session.flush()
        record(session, system(alert.organisation_id), "alert.ledger_removed", alert.public_id)
    return gone + 1


def remove_replies(session: Session, kept: timedelta, limit: int) -> int:
    """Remove up to `limit` replies that came longer than `kept` ago; how many. Check-ins and cases stay."""
    return int(session.execute(_REPLIES, {"kept": kept, "limit": limit}).rowcount)  # type: ignore[attr-defined]
