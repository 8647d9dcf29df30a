"""Ledgers of alerts long ended become counts: rows of deliveries, receipts and replies go, batches keep their tallies,
and the report what it says.

Every function expects a session scoped to every organisation and does a chunk, for a short transaction.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, text
from sqlalchemy.orm import Session

from alerts.delivery.partitions import drop_ledger
from alerts.lifecycle.models import Alert
from alerts.reports.keeping import keep_counts
from alerts.responses.telling import note_told
from registry.audit.services import record, system

_ENDED = text("""
    SELECT id FROM alerts
    WHERE ledger_removed_at IS NULL AND state IN ('sent', 'cancelled', 'expired')
      AND greatest(expires_at, finished_at) < now() - :kept
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
""")
_RECEIPTS = text("DELETE FROM received_receipts WHERE alert_id = :alert")
_MESSAGES = text("""
    DELETE FROM outgoing WHERE id IN (SELECT id FROM outgoing WHERE created_at < now() - :kept LIMIT :limit)
""")
_REPLIES = text("""
    DELETE FROM replies WHERE id IN (SELECT id FROM replies WHERE received_at < now() - :kept LIMIT :limit)
""")


def remove_ledger(session: Session, kept: timedelta) -> int:
    """Remove the deliveries of one alert that ended longer than `kept` ago; 1, or 0 when there is none, or not now.

    `kept` is a day at least.
    """
    number = session.scalar(_ENDED, {"kept": kept})
    if number is None:
        return 0
    alert = session.get_one(Alert, number)
    note_told(session, alert)
    if alert.approved_at is not None:
        keep_counts(session, alert)
    if not drop_ledger(session, number):
        return 0
    session.execute(_RECEIPTS, {"alert": number})
    alert.ledger_removed_at = session.scalar(func.now().select())
    session.flush()
    record(session, system(alert.organisation_id), "alert.ledger_removed", alert.public_id)
    return 1


def remove_messages(session: Session, kept: timedelta, limit: int) -> int:
    """Remove up to `limit` messages to one person each that were written longer than `kept` ago; how many."""
    return int(session.execute(_MESSAGES, {"kept": kept, "limit": limit}).rowcount)  # type: ignore[attr-defined]


def remove_replies(session: Session, kept: timedelta, limit: int) -> int:
    """Remove up to `limit` replies that came longer than `kept` ago; how many. Check-ins and cases stay."""
    return int(session.execute(_REPLIES, {"kept": kept, "limit": limit}).rowcount)  # type: ignore[attr-defined]
