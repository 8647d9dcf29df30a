"""The next contact point of people whom an alert has not reached, over a channel that it did not choose.

On the channels that an alert chose all contact points of a person are in its ledger from the beginning. When all of a
person's deliveries have failed, or their addresses were known to be dead, the first of their other contact points
follows, then the next: each once, as the ledger holds each once. Its text is the alert's own for that channel, or the
other channel's where that fits (`alerts.messages.services.stand_in`); without either nothing follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from alerts.audience.query import SPOKEN, Members
from alerts.delivery.batches import GOES_OUT, settle
from alerts.delivery.closing import OVERTAKEN
from alerts.delivery.models import DeliveryState as S

WIDTH = 4096
"""Contact points' numbers that a batch of such deliveries spans: few of them follow, wherever they are."""

_DEAD = f"(b.failed + coalesce((b.reasons ->> '{S.SUPPRESSED.value}:unreachable')::int, 0))"

_LOOK = text(f"""
    SELECT b.id, b.organisation_id, b.alert_id, b.channel, b.low, b.high, a.snapshot, {_DEAD} AS dead
    FROM batches b JOIN alerts a ON a.id = b.alert_id
    WHERE {GOES_OUT} AND NOT {OVERTAKEN} AND b.expanded AND {_DEAD} > b.followed
      AND EXISTS (SELECT FROM jsonb_object_keys(a.snapshot -> 'languages') k WHERE NOT a.snapshot -> 'channels' ? k)
      AND coalesce(jsonb_array_length(a.snapshot #> '{{filters,reached_by}}'), 0) = 0
    ORDER BY b.id LIMIT :limit FOR UPDATE OF b SKIP LOCKED
""")

_LOOKED = text("UPDATE batches SET followed = :dead WHERE id = :batch")

_FIND = text(f"""
    WITH dead AS (
        SELECT DISTINCT c.person_id AS id FROM deliveries d JOIN contact_points c ON c.id = d.contact_point_id
        WHERE d.alert_id = :alert AND d.channel = :channel
          AND d.contact_point_id > :low AND d.contact_point_id <= :high
          AND (d.state = {S.FAILED} OR d.state = {S.SUPPRESSED} AND d.code = 'unreachable')
    )
    SELECT DISTINCT ON (c.person_id) c.id, c.channel, c.id / :width AS part
    FROM dead JOIN people p ON p.id = dead.id AND NOT p.paused
    JOIN contact_points c ON c.person_id = p.id AND c.state = 'active' AND c.channel = ANY (:others)
    WHERE NOT EXISTS (
            SELECT FROM contact_points o JOIN deliveries e
              ON e.alert_id = :alert AND e.channel = o.channel AND e.contact_point_id = o.id
            WHERE o.person_id = p.id AND e.state <> {S.FAILED} AND NOT (e.state = {S.SUPPRESSED}
                  AND e.code = 'unreachable'))
      AND NOT EXISTS (SELECT FROM deliveries e
                      WHERE e.alert_id = :alert AND e.channel = c.channel AND e.contact_point_id = c.id)
    ORDER BY c.person_id, c.id
""")

_BATCH = text("""
    INSERT INTO batches AS b (organisation_id, alert_id, channel, low, high, expanded, attempts, pending, claimed,
                              uncertain, accepted, sent, failed, delivered, suppressed, expired)
    VALUES (:organisation, :alert, :channel, :low, :low + :width, true, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    ON CONFLICT (alert_id, channel, high) DO UPDATE SET expanded = true
    RETURNING b.id
""")

_ADD = text(f"""
    INSERT INTO deliveries (alert_id, channel, contact_point_id, organisation_id, batch_id, state, attempts, language,
                            quiet, next_attempt_at, updated_at)
    SELECT :alert, CAST(:channel AS text), c.id, :organisation, :batch, {S.PENDING.value}, 0, {SPOKEN}, r.quiet, now(),
           now()
    FROM contact_points c JOIN people r ON r.id = c.person_id WHERE c.id = ANY (:ids)
    ON CONFLICT DO NOTHING
""")


def follow_up(session: Session, limit: int = 20) -> int:
    """Add the next contact points of people in batches in which more has failed than when they were last looked at;
    return how many. Scoped to every organisation; one process at a time."""
    added = 0
    for batch in session.execute(_LOOK, {"limit": limit}).all():
        added += _follow(session, batch)
        session.execute(_LOOKED, {"dead": batch.dead, "batch": batch.id})
    return added


def _follow(session: Session, batch: Row[Any]) -> int:
    members = Members.of_snapshot(batch.organisation_id, batch.snapshot)
    others = [channel for channel in members.languages if channel not in batch.snapshot["channels"]]
    where = {"alert": batch.alert_id, "channel": batch.channel, "low": batch.low, "high": batch.high}
    found = session.execute(_FIND, where | {"others": others, "width": WIDTH}).all()
    for (channel, part), ids in _parts(found):
        to = {"organisation": batch.organisation_id, "alert": batch.alert_id, "channel": channel}
        # Of a batch's range `low` is outside and `high` inside, hence the one less.
        number = session.scalar(_BATCH, to | {"low": part * WIDTH - 1, "width": WIDTH})
        chosen = members.languages_json(channel)
        session.execute(_ADD, to | {"batch": number, "ids": ids, "chosen": chosen})
        settle(session, [number or 0])
    return len(found)


def _parts(found: Any) -> Iterator[tuple[tuple[str, int], list[int]]]:
    """Contact points by channel and part."""
    grouped: dict[tuple[str, int], list[int]] = {}
    for row in found:
        grouped.setdefault((row.channel, row.part), []).append(row.id)
    yield from grouped.items()
