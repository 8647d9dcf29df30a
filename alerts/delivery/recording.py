"""Recording what became of claimed deliveries, fenced by the claim, and letting a batch go."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.channels.base import Outcome, Result
from alerts.delivery.batches import settle, write_off
from alerts.delivery.claims import LEASE, Claim
from alerts.delivery.models import DeliveryState as S
from registry.database.arrays import array_literal

DOUBT = timedelta(seconds=20)
"""How long an unanswered message waits for a receipt before its provider is asked."""
BACKOFF = (5, 15, 30, 60)
"""Seconds before another try, by attempts so far; the last one goes on until the alert expires."""
LONGEST_WAIT = 600.0
"""Seconds for which a provider that asks us to wait is believed: a mistaken date must not end an alert."""


class LeaseLost(Exception):  # noqa: N818
    """The batch was held too long and may be another's: record nothing, send nothing more."""


class Verdict(NamedTuple):
    """One row's new state."""

    contact_point_id: int
    state: S
    provider_id: str | None = None
    code: str | None = None
    next_attempt_at: datetime | None = None
    contact: str | None = None
    """What the contact point becomes for later alerts: "unreachable" or "opted_out"."""


def judge(claim: Claim, result: Result, attempts: int) -> Verdict:
    """What a provider's answer means for the ledger: one treatment for each class (DESIGN §4)."""
    key, code = result.key, result.code
    match result.outcome:
        case Outcome.ACCEPTED:
            return Verdict(key, S.ACCEPTED, result.provider_id, code)
        case Outcome.NEVER:
            return Verdict(key, S.FAILED, result.provider_id, code or "unreachable", contact="unreachable")
        case Outcome.OPTED_OUT:
            return Verdict(key, S.SUPPRESSED, result.provider_id, code or "opted_out", contact="opted_out")
        case Outcome.EXPIRED:
            return Verdict(key, S.EXPIRED, result.provider_id, code)
        case Outcome.UNKNOWN:
            return Verdict(key, S.CLAIMED, result.provider_id, code or "no_answer", claim.now() + DOUBT)
        case Outcome.LATER | Outcome.US | Outcome.COUNTRY:
            seconds = min(result.retry_after or BACKOFF[min(attempts, len(BACKOFF)) - 1], LONGEST_WAIT)
            due = claim.now() + timedelta(seconds=seconds * random.uniform(1.0, 1.5))  # noqa: S311 - jitter
            if due >= claim.expires_at:
                return Verdict(key, S.EXPIRED, None, code)
            return Verdict(key, S.PENDING, None, code, due)
    raise AssertionError(result.outcome)


_FENCE = text("""
    UPDATE batches SET lease_until = now() + :lease, next_attempt_at = now() + :lease
    WHERE id = :batch AND claim = :token
    RETURNING (
        SELECT CASE WHEN expires_at > now() AND corrected_at IS NULL THEN state ELSE 'expired' END
        FROM alerts WHERE id = alert_id)
""")

_RECORD = text(f"""
    UPDATE deliveries d SET
        state = v.state, code = v.code, next_attempt_at = v.due, updated_at = now(),
        provider_id = coalesce(v.provider_id, d.provider_id),
        accepted_at = CASE WHEN v.state = {S.ACCEPTED} THEN now() ELSE d.accepted_at END
    FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS smallint[]), CAST(:provider_ids AS text[]),
                CAST(:codes AS text[]), CAST(:dues AS timestamptz[])) AS v (id, state, provider_id, code, due)
    WHERE d.alert_id = :alert AND d.channel = :channel AND d.contact_point_id > :low AND d.contact_point_id <= :high
      AND d.contact_point_id = v.id AND d.state = {S.CLAIMED}
""")
"""The batch's range keeps the planner from reading the whole alert, which it thinks small while it grows."""

_FIRST = text("UPDATE alerts SET first_sent_at = now() WHERE id = :alert AND first_sent_at IS NULL")

_RELEASE = text("""
    UPDATE batches SET claim = NULL, lease_until = NULL, published_at = NULL WHERE id = :batch AND claim = :token
""")

_UNTOUCHED = text(f"""
    UPDATE deliveries d SET state = {S.PENDING}, next_attempt_at = now() + :rest, attempts = greatest(d.attempts - 1, 0)
    FROM batches b
    WHERE b.id = :batch AND d.alert_id = b.alert_id AND d.channel = b.channel
      AND d.contact_point_id = ANY (:ids) AND d.state = {S.CLAIMED} AND d.next_attempt_at IS NULL
""")


_FORGOTTEN = text(f"""
    UPDATE deliveries d SET next_attempt_at = now() + :doubt
    FROM batches b
    WHERE b.id = :batch AND d.alert_id = b.alert_id AND d.channel = b.channel
      AND d.contact_point_id > b.low AND d.contact_point_id <= b.high
      AND d.state = {S.CLAIMED} AND d.next_attempt_at IS NULL
""")


def record(session: Session, claim: Claim, verdicts: Sequence[Verdict], *, count: bool = True) -> str:
    """Write verdicts, renew the lease, and return the alert's state, so that a pause or cancel is noticed.

    A row that a receipt has meanwhile moved stays as the receipt says. `count` brings the batch's tally up to date,
    which costs as much as all the rest. Raises LeaseLost.
    """
    state = session.scalar(_FENCE, {"lease": LEASE, "batch": claim.batch_id, "token": claim.token})
    if state is None:
        raise LeaseLost
    if verdicts:
        session.execute(_RECORD, _columns(claim, verdicts))
        _mark_contacts(session, verdicts)
        if claim.first and any(verdict.state is S.ACCEPTED for verdict in verdicts):
            session.execute(_FIRST, {"alert": claim.alert_id})
    if count:
        settle(session, [claim.batch_id])
    return str(state)


def release(
    session: Session,
    claim: Claim,
    verdicts: Sequence[Verdict],
    untouched: Sequence[int],
    rest: timedelta = timedelta(),
) -> None:
    """Write the last verdicts and let the batch go; contact points that were claimed and never handed over are pending
    again after `rest`.

    Whatever else is still claimed stays in doubt, and due: no row of a batch that nobody holds may be without a date,
    or its alert would end over it. Raises LeaseLost.
    """
    record(session, claim, verdicts, count=False)
    if untouched:
        session.execute(_UNTOUCHED, {"batch": claim.batch_id, "ids": list(untouched), "rest": rest})
    session.execute(_FORGOTTEN, {"batch": claim.batch_id, "doubt": DOUBT})
    session.execute(_RELEASE, {"batch": claim.batch_id, "token": claim.token})
    settle(session, [claim.batch_id])


def _columns(claim: Claim, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    return {
        "alert": claim.alert_id,
        "channel": claim.channel,
        "low": claim.low,
        "high": claim.high,
        "ids": array_literal([verdict.contact_point_id for verdict in verdicts]),
        "states": array_literal([verdict.state for verdict in verdicts]),
        "provider_ids": array_literal([verdict.provider_id for verdict in verdicts]),
        "codes": array_literal([verdict.code[:40] if verdict.code else None for verdict in verdicts]),
        "dues": array_literal([verdict.next_attempt_at for verdict in verdicts]),
    }


def _mark_contacts(session: Session, verdicts: Sequence[Verdict]) -> None:
    """An address that can't be reached, or whose owner told the provider to stop, is not tried by the next alert."""
    for state in ("unreachable", "opted_out"):
        ids = [verdict.contact_point_id for verdict in verdicts if verdict.contact == state]
        write_off(session, state, ids)
