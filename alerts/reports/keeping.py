"""Counts of an alert, from its ledger or as they were kept.

Every function expects a session scoped to its organisation, or to every one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from alerts.delivery.models import DeliveryState
from alerts.delivery.tally import tally
from alerts.lifecycle.models import Alert
from alerts.reports.counting import count
from alerts.reports.counts import Counts
from alerts.reports.models import AlertReport
from alerts.responses.telling import LIVE


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts, and when they were made where that isn't now."""

    counts: Counts
    at: datetime | None = None


def counted(session: Session, alert: Alert, counts: dict[str, dict[str, int]]) -> Counted | None:
    """The counts of an alert that was approved, whose tally is given; None of a large one that the dispatcher has not
    counted yet, and of one whose ledger was removed before any were kept."""
    messages = sum(sum(states.values()) for states in counts.values())
    if alert.ledger_removed_at is None and messages <= LIVE:
        return Counted(count(session, alert))
    kept = session.get(AlertReport, alert.id)
    return Counted(Counts.from_dict(kept.counts), kept.counted_at) if kept else None


def keep_counts(session: Session, alert: Alert) -> None:
    """Count an alert and keep what comes of it."""
    values = {"counts": count(session, alert).as_dict(), "moved": _moved(session, alert)}
    statement = insert(AlertReport).values(alert_id=alert.id, organisation_id=alert.organisation_id, **values)
    changed = values | {"counted_at": func.now()}
    session.execute(statement.on_conflict_do_update(index_elements=["alert_id"], set_=changed))


_RANKS = " + ".join(f"{state.value}::bigint * {state.word}" for state in DeliveryState)
_DUE = text(f"""
    SELECT a.id FROM alerts a LEFT JOIN alert_reports r ON r.alert_id = a.id CROSS JOIN LATERAL (
        SELECT sum(accepted + sent + delivered + failed) AS messages, sum({_RANKS}) AS moved
        FROM batches WHERE alert_id = a.id
    ) b
    WHERE a.first_sent_at > now() - interval '7 days' AND a.state IN ('sent', 'cancelled', 'expired')
      AND a.ledger_removed_at IS NULL AND b.messages > :live AND b.moved IS DISTINCT FROM r.moved
      AND (r.counted_at IS NULL OR r.counted_at < now() - interval '5 minutes')
    ORDER BY r.counted_at NULLS FIRST LIMIT 1
""")


def recount(session: Session, live: int = LIVE) -> int:
    """Count one large alert that has gone out and whose messages have moved since; 1 when there was one, else 0.

    The session is scoped to every organisation. After a week no receipt comes any more.
    """
    number = session.scalar(_DUE, {"live": live})
    if number is None:
        return 0
    keep_counts(session, session.get_one(Alert, number))
    return 1


def _moved(session: Session, alert: Alert) -> int:
    found = tally(session, alert).values()
    return sum(state.value * states[state.word] for states in found for state in DeliveryState)
