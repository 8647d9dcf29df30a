"""Claiming a batch: write its ledger rows, take what is due in it, and hold it under a lease.

All in one short transaction that ends before anything is sent. The lease and the claim token are the database's, so
that clocks of workers don't matter; a second worker finds the batch taken and goes on.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from alerts.audience.query import SPOKEN, Members
from alerts.delivery.batches import GOES_OUT, settle
from alerts.delivery.hours import AT_ONCE, let_wait
from alerts.delivery.models import DeliveryState as S

LEASE = timedelta(seconds=60)


class Recipient(NamedTuple):
    """A claimed delivery, with all that is needed to address it. Plain values: no ORM object leaves the claim."""

    contact_point_id: int
    language: str
    quiet: bool
    attempts: int
    claimed_at: datetime
    provider: str | None
    """The one that is to take it, or was when it came in doubt."""
    in_doubt: bool
    """An earlier claim ended without an answer: ask the provider before sending."""
    welcome: bool
    """False for one in doubt who has stopped or paused since: ask, but send nothing more."""
    resent: int
    """How many messages of this delivery came back undelivered."""
    sealed_address: bytes
    address_index: bytes
    person: bytes
    wrapped_key: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch held by this worker until its lease runs out."""

    batch_id: int
    organisation_id: int
    alert_id: int
    channel: str
    low: int
    high: int
    """Its contact points are those in (low, high]."""
    token: uuid.UUID
    expires_at: datetime
    snapshot: dict[str, Any]
    snapshot_digest: bytes
    first: bool
    """Nothing of this alert has been sent yet."""
    recipients: list[Recipient]
    ahead: timedelta
    """How far the database's clock is ahead of this machine's, so that none of its own decides anything."""

    def now(self) -> datetime:
        """The time by the database's clock."""
        return datetime.now(UTC) + self.ahead


_LOCK = text(f"""
    SELECT b.id, b.organisation_id, b.alert_id, b.channel, b.low, b.high, b.expanded,
           a.snapshot, a.snapshot_digest, a.severity, a.expires_at, a.first_sent_at, clock_timestamp() AS moment
    FROM batches b JOIN alerts a ON a.id = b.alert_id
    WHERE b.id = :batch AND b.next_attempt_at <= now() AND (b.lease_until IS NULL OR b.lease_until <= now())
      AND {GOES_OUT}
    FOR UPDATE OF b SKIP LOCKED
""")

_DOUBT = text(f"""
    UPDATE deliveries SET next_attempt_at = now()
    WHERE alert_id = :alert AND channel = :channel AND contact_point_id > :low AND contact_point_id <= :high
      AND state = {S.CLAIMED} AND next_attempt_at IS NULL
""")

_TAKE = text(f"""
    UPDATE deliveries d SET
        state = CASE WHEN d.state = {S.CLAIMED} OR c.state = 'active' THEN {S.CLAIMED} ELSE {S.SUPPRESSED} END,
        code = CASE WHEN d.state = {S.CLAIMED} OR c.state = 'active' THEN d.code ELSE c.state END,
        provider = CASE WHEN d.state = {S.CLAIMED} THEN d.provider ELSE :provider END,
        attempts = d.attempts + CASE WHEN d.state = {S.CLAIMED} THEN 0 ELSE 1 END,
        claimed_at = CASE WHEN d.state = {S.CLAIMED} THEN d.claimed_at ELSE now() END,
        next_attempt_at = NULL, updated_at = now()
    FROM (SELECT c.id,
                 CASE WHEN p.paused AND c.state = 'active' THEN 'paused' ELSE c.state END AS state
          FROM contact_points c JOIN people p ON p.id = c.person_id) c
    WHERE d.alert_id = :alert AND d.channel = :channel AND d.contact_point_id > :low AND d.contact_point_id <= :high
      AND d.state IN ({S.PENDING}, {S.CLAIMED}) AND d.next_attempt_at <= now() AND c.id = d.contact_point_id
""")

_GONE = text(f"""
    UPDATE deliveries d SET state = CASE WHEN d.state = {S.CLAIMED} THEN {S.UNCERTAIN} ELSE {S.SUPPRESSED} END,
        code = 'erased', next_attempt_at = NULL, updated_at = now()
    WHERE d.alert_id = :alert AND d.channel = :channel AND d.contact_point_id > :low AND d.contact_point_id <= :high
      AND d.state IN ({S.PENDING}, {S.CLAIMED})
      AND NOT EXISTS (SELECT FROM contact_points c WHERE c.id = d.contact_point_id)
""")

_READ = text(f"""
    SELECT d.contact_point_id, d.language, d.quiet, d.attempts, d.claimed_at, d.provider,
           d.claimed_at < now() AS in_doubt, c.state = 'active' AND NOT p.paused AS welcome,
           d.resent, c.sealed_address, c.address_index, uuid_send(p.public_id), k.wrapped_key
    FROM deliveries d
    JOIN contact_points c ON c.id = d.contact_point_id
    JOIN people p ON p.id = c.person_id
    JOIN person_keys k ON k.person_id = p.id
    WHERE d.alert_id = :alert AND d.channel = :channel AND d.contact_point_id > :low AND d.contact_point_id <= :high
      AND d.state = {S.CLAIMED} AND d.next_attempt_at IS NULL
    ORDER BY d.contact_point_id
""")

_HOLD = text("""
    UPDATE batches SET claim = :token, lease_until = now() + :lease, next_attempt_at = now() + :lease,
        expanded = true, attempts = attempts + 1,
        pending = CASE WHEN expanded THEN pending ELSE 0 END,
        claimed = CASE WHEN expanded THEN claimed ELSE :claimed END,
        suppressed = CASE WHEN expanded THEN suppressed ELSE :suppressed END
    WHERE id = :batch
""")
"""The tally of a batch whose rows were written just now is known, and need not be counted."""

_UNPUBLISH = text("""
    UPDATE batches SET published_at = NULL
    WHERE id = :batch AND published_at IS NOT NULL AND (lease_until IS NULL OR lease_until <= now())
""")


def unpublish(session: Session, batch_id: int) -> None:
    """The batch's task found that it can't be claimed now: it may be published again once it can."""
    session.execute(_UNPUBLISH, {"batch": batch_id})


def claim(session: Session, batch_id: int, provider: str, lease: timedelta = LEASE) -> Claim | None:
    """Take what is due in a batch, or None when there is nothing for us: taken, not due, paused, cancelled, expired.

    `provider` is the one that what was never tried is meant for.

    Rows whose earlier claim ended without an answer come `in_doubt`.
    """
    found = session.execute(_LOCK, {"batch": batch_id}).first()
    if found is None:
        return None
    where = {"alert": found.alert_id, "channel": found.channel, "low": found.low, "high": found.high}
    written = 0
    if found.expanded:
        session.execute(_DOUBT, where)
        session.execute(_TAKE, where | {"provider": provider})
        session.execute(_GONE, where)
    else:
        written = expand(session, found, S.CLAIMED, provider=provider)
    held = let_wait(session, found.organisation_id, where) if found.severity != AT_ONCE else 0
    recipients = list(map(Recipient._make, session.execute(_READ, where)))
    token = uuid.uuid4()
    tally = {"claimed": len(recipients), "suppressed": max(0, written - len(recipients))}
    session.execute(_HOLD, tally | {"token": token, "lease": lease, "batch": batch_id})
    if found.expanded or held:
        settle(session, [batch_id])
    return Claim(
        batch_id,
        found.organisation_id,
        found.alert_id,
        found.channel,
        found.low,
        found.high,
        token,
        found.expires_at,
        found.snapshot,
        found.snapshot_digest,
        found.first_sent_at is None,
        recipients,
        found.moment - datetime.now(UTC),
    )


def expand(
    session: Session, batch: Row[Any], state: S, code: str | None = None, provider: str | None = None
) -> int:
    """Write the ledger rows of a batch: those who can be reached in `state`, all others suppressed with the reason.

    Returns how many. Doing it twice adds nothing.
    """
    members = Members.of_snapshot(batch.organisation_id, batch.snapshot)
    claimed = state is S.CLAIMED
    written = session.execute(
        text(f"""
            INSERT INTO deliveries (alert_id, channel, contact_point_id, organisation_id, batch_id, state, attempts,
                                    language, quiet, claimed_at, updated_at, code, provider)
            SELECT DISTINCT ON (r.contact_point_id)
                   CAST(:alert AS bigint), CAST(:channel AS text), r.contact_point_id, :organisation, :batch,
                   CASE WHEN r.state = 'active' THEN CAST(:state AS smallint) ELSE {S.SUPPRESSED} END,
                   CASE WHEN r.state = 'active' AND :claimed THEN 1 ELSE 0 END,
                   {SPOKEN}, r.quiet, CASE WHEN r.state = 'active' AND :claimed THEN now() END, now(),
                   CASE WHEN r.state = 'active' THEN CAST(:code AS text) ELSE r.state END,
                   CASE WHEN r.state = 'active' THEN CAST(:provider AS text) END
            FROM reach r
            WHERE {members.condition} AND r.channel = CAST(:channel AS text)
              AND r.contact_point_id > :low AND r.contact_point_id <= :high
            ORDER BY r.contact_point_id
            ON CONFLICT DO NOTHING
        """),
        members.values
        | {
            "alert": batch.alert_id,
            "channel": batch.channel,
            "organisation": batch.organisation_id,
            "batch": batch.id,
            "state": int(state),
            "claimed": claimed,
            "chosen": members.languages_json(batch.channel),
            "low": batch.low,
            "high": batch.high,
            "code": code,
            "provider": provider,
        },
    )
    return int(written.rowcount)  # type: ignore[attr-defined]  # a cursor's, of an INSERT
