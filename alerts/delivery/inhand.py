"""What is looked at, and noted, while a claimed batch is in a worker's hands."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.delivery.claims import Claim
from alerts.delivery.models import DeliveryState as S
from alerts.delivery.recording import LeaseLost
from registry.database.arrays import array_literal

_GONE_SINCE = text("""
    SELECT v.id, CASE WHEN c.id IS NULL THEN 'erased' WHEN c.state = 'active' THEN 'paused' ELSE c.state END AS reason
    FROM unnest(CAST(:ids AS bigint[])) AS v (id)
    LEFT JOIN contact_points c ON c.id = v.id
    LEFT JOIN people p ON p.id = c.person_id
    WHERE c.id IS NULL OR c.state <> 'active' OR p.paused
""")

_HELD = text("SELECT id FROM batches WHERE id = :batch AND claim = :token FOR UPDATE")

_ASSIGN = text(f"""
    UPDATE deliveries SET provider = :provider
    WHERE alert_id = :alert AND channel = :channel AND contact_point_id = ANY (:ids) AND state = {S.CLAIMED}
""")


def gone_since(session: Session, contact_point_ids: Sequence[int]) -> dict[int, str]:
    """Which of these may be sent nothing any more, and why: stopped, paused or erased while their batch was in hand."""
    rows = session.execute(_GONE_SINCE, {"ids": array_literal(contact_point_ids)})
    return {row.id: row.reason for row in rows}


def assign(session: Session, claim: Claim, contact_point_ids: Sequence[int], provider: str) -> None:
    """Note, before they are handed over, that another provider than the claim's is to take these. Raises LeaseLost."""
    if session.scalar(_HELD, {"batch": claim.batch_id, "token": claim.token}) is None:
        raise LeaseLost
    where = {"alert": claim.alert_id, "channel": claim.channel, "ids": list(contact_point_ids)}
    session.execute(_ASSIGN, where | {"provider": provider})
