"""What planning, claiming, recording and receipts share: a batch's tally and when it is next due."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.delivery.models import DeliveryState

GOES_OUT = "a.state IN ('sending', 'sent') AND a.expires_at > now() AND a.corrected_at IS NULL"
"""Of an alert `a`: its deliveries may be handed over. One that was sent still sends anew what comes back, unless it was
corrected: its words are not to be read any more."""

_COUNTS = ", ".join(
    f"coalesce(sum(g.number) FILTER (WHERE g.state = {state.value}), 0) AS {state.word}"
    for state in DeliveryState
)
_TAKEN = ", ".join(f"{state.word} = s.{state.word}" for state in DeliveryState)
_OPEN = f"({DeliveryState.PENDING.value}, {DeliveryState.CLAIMED.value})"

EXPLAINED = (
    DeliveryState.FAILED,
    DeliveryState.UNCERTAIN,
    DeliveryState.EXPIRED,
    DeliveryState.SUPPRESSED,
    DeliveryState.PENDING,
)
"""States of which a batch counts the reasons; a row that is pending has one only after a try that failed."""
_REASONS = f"""
    coalesce(jsonb_object_agg(g.state || ':' || coalesce(g.code, ''), g.number) FILTER (
        WHERE g.state IN ({", ".join(str(state.value) for state in EXPLAINED)})
          AND (g.state <> {DeliveryState.PENDING.value} OR g.code IS NOT NULL)), '{{}}') AS reasons
"""

_SETTLE = text(f"""
    UPDATE batches b SET {_TAKEN}, reasons = s.reasons,
        next_attempt_at = CASE WHEN b.claim IS NULL THEN s.due ELSE b.next_attempt_at END
    FROM batches x CROSS JOIN LATERAL (
        SELECT {_COUNTS}, min(g.due) FILTER (WHERE g.state IN {_OPEN}) AS due, {_REASONS}
        FROM (
            SELECT d.state, d.code, count(*) AS number, min(d.next_attempt_at) AS due
            FROM deliveries d
            WHERE d.alert_id = x.alert_id AND d.channel = x.channel
              AND d.contact_point_id > x.low AND d.contact_point_id <= x.high
            GROUP BY d.state, d.code
        ) g
    ) s
    WHERE b.id = x.id AND x.id = ANY (:batches)
""")


def settle(session: Session, batch_ids: Sequence[int]) -> None:
    """Count the rows of these expanded batches anew, by state and by reason, and note when they are next due.

    The caller holds the batches' row locks. Counting a few hundred rows of one index range is cheaper than keeping
    differences right under every interruption, and mends itself.
    """
    session.execute(_SETTLE, {"batches": list(batch_ids)})


_WRITE_OFF = text("UPDATE contact_points SET state = :state WHERE id = ANY (:ids) AND state = 'active'")


def write_off(session: Session, state: str, contact_point_ids: Sequence[int]) -> None:
    """Send no further alert to these contact points: `state` is "unreachable" or "opted_out"."""
    if contact_point_ids:
        session.execute(_WRITE_OFF, {"state": state, "ids": list(contact_point_ids)})
