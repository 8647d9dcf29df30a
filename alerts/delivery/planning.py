"""Cutting an approved alert's audience into batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from alerts.audience.query import Members
from alerts.delivery.models import Batch
from alerts.delivery.partitions import open_ledger
from alerts.lifecycle.models import Alert

BATCH_SIZE = 1000
FIRST_BATCHES = 8
CHUNK = 1_000_000


def plan_chunk(session: Session, alert: Alert, batch_size: int = BATCH_SIZE) -> int:
    """Plan a stretch of the audience and return how many contact points it holds; 0 when the plan is whole.

    The first stretch is short, so that the first message leaves before a million have been looked at. A planner that
    died goes on where its last committed stretch ended.
    """
    assert alert.snapshot is not None  # approved, by the database's own constraint
    open_ledger(session, alert.id)
    for channel in _channels(session, alert.snapshot):
        last = session.scalar(
            select(func.max(Batch.high)).where(Batch.alert_id == alert.id, Batch.channel == channel)
        )
        limit = FIRST_BATCHES * batch_size if last is None else CHUNK
        planned = _cut(session, alert, channel, last or 0, limit, batch_size)
        if planned:
            return planned
    return 0


def _channels(session: Session, snapshot: Mapping[str, Any]) -> list[str]:
    """Those chosen; of a correction also those over which only next contact points were tried before."""
    channels = list(snapshot["channels"])
    before = snapshot["criteria"].get("reached_by")
    others = [channel for channel in snapshot["languages"] if channel not in channels]
    if not before or not others:
        return channels
    chosen = session.scalars(select(Alert.channels).where(Alert.id.in_(before)))
    used = {channel for one in chosen for channel in one}
    return channels + [channel for channel in others if channel not in used]


def _cut(session: Session, alert: Alert, channel: str, after: int, limit: int, batch_size: int) -> int:
    members = Members.of_snapshot(alert.organisation_id, alert.snapshot or {})
    rows = session.execute(
        text(f"""
            WITH member AS (
                SELECT DISTINCT r.contact_point_id AS id, r.state = 'active' AS active FROM reach r
                WHERE {members.condition} AND r.channel = CAST(:channel AS text) AND r.contact_point_id > :after
                ORDER BY id LIMIT :limit
            ), numbered AS (
                SELECT id, active, (row_number() OVER (ORDER BY id) - 1) / :size AS part FROM member
            ), part AS (
                SELECT part, max(id) AS high, count(*) FILTER (WHERE active) AS active, count(*) AS size
                FROM numbered GROUP BY part
            )
            INSERT INTO batches (organisation_id, alert_id, channel, low, high, expanded, attempts, pending, claimed,
                                 uncertain, accepted, sent, failed, delivered, suppressed, expired)
            SELECT :organisation, CAST(:alert AS bigint), CAST(:channel AS text),
                   coalesce(lag(high) OVER (ORDER BY part), :after), high,
                   false, 0, active, 0, 0, 0, 0, 0, 0, size - active, 0
            FROM part ORDER BY part
            RETURNING pending + suppressed
        """),
        members.values
        | {
            "channel": channel,
            "after": after,
            "limit": limit,
            "size": batch_size,
            "organisation": alert.organisation_id,
            "alert": alert.id,
        },
    )
    return sum(rows.scalars())
