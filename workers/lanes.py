"""Two lanes for alerts and one for imports: what saves lives overtakes the rest, and no import holds an alert up."""

from __future__ import annotations

from sqlalchemy import text

from alerts.delivery.batches import GOES_OUT
from registry.organisations.scope import everywhere

URGENT, DELIVERIES, IMPORTS = "urgent", "deliveries", "imports"
"""The queues, in the order in which a worker listens to them."""

IS_URGENT = "a.snapshot ->> 'severity' IN ('extreme', 'severe')"
"""Of an alert `a` (CAP 1.2 §3.2.2)."""

READY = f"""
    FROM batches b JOIN alerts a ON a.id = b.alert_id
    WHERE {GOES_OUT} AND b.next_attempt_at <= now()
      AND (b.lease_until IS NULL OR b.lease_until <= now()) AND NOT (b.channel = ANY (:resting))
"""
"""Batches that anybody may claim; `:resting` names channels of which every provider's breaker is open."""

_OVERTAKEN = text(f"SELECT EXISTS (SELECT {READY} AND {IS_URGENT} AND b.channel = :channel)")


def is_overtaken(channel: str) -> bool:
    """Whether something urgent of any organisation waits for this channel, whose sender all share."""
    with everywhere() as session:
        return bool(session.scalar(_OVERTAKEN, {"channel": channel, "resting": []}))
