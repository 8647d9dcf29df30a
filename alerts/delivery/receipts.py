"""Applying receipts, in bulk. Doubled, late, early and reordered ones change nothing they should not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from alerts.channels.base import Outcome
from alerts.delivery.batches import settle, write_off
from alerts.delivery.models import DeliveryState as S

ONCE: Final = "once"
"""The outcome of a receipt for which one more message is worth while, and no third."""
AGAIN: Final = {
    Outcome.LATER.value: (60, 300, 1200),
    ONCE: (60,),
    Outcome.US.value: (300, 900, 1800, 3600),  # the time it takes to have a sender mended
}
"""Seconds before a message that came back is sent anew, by how many came back before: as often as there are numbers."""

_TAKE = text("""
    SELECT id, alert_id, channel, contact_point_id, state, outcome, provider_id, code, resent
    FROM received_receipts ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
""")

_LOCK = text("""
    SELECT id FROM batches WHERE id IN (
        SELECT d.batch_id FROM deliveries d
        JOIN unnest(CAST(:alerts AS bigint[]), CAST(:channels AS text[]), CAST(:contacts AS bigint[]))
             AS v (alert, channel, contact)
          ON d.alert_id = v.alert AND d.channel = v.channel AND d.contact_point_id = v.contact
        WHERE d.alert_id = ANY (:touched))
    ORDER BY id FOR UPDATE
""")

_NAMED = """d.alert_id = v.alert AND d.channel = v.channel AND d.contact_point_id = v.contact
      AND d.alert_id = ANY (:touched)"""
"""The alerts are named beside, so that no other partitions of the ledger are opened."""

_SEND_ANEW = text(f"""
    UPDATE deliveries d SET state = {S.PENDING}, resent = d.resent + 1, updated_at = now(), code = v.code,
        next_attempt_at = now() + make_interval(secs => v.wait),
        provider_id = coalesce(v.provider_id, d.provider_id), accepted_at = coalesce(d.accepted_at, now())
    FROM unnest(CAST(:alerts AS bigint[]), CAST(:channels AS text[]), CAST(:contacts AS bigint[]),
                CAST(:provider_ids AS text[]), CAST(:codes AS text[]), CAST(:waits AS float[]))
         AS v (alert, channel, contact, provider_id, code, wait)
    JOIN alerts a ON a.id = v.alert
    WHERE {_NAMED} AND d.resent = :resent AND d.state BETWEEN {S.CLAIMED} AND {S.SENT}
      AND a.state IN ('sending', 'paused', 'sent') AND now() + make_interval(secs => v.wait) < a.expires_at
      AND a.corrected_at IS NULL
    RETURNING d.alert_id, d.channel, d.contact_point_id, d.provider, d.code
""")

_APPLY = text(f"""
    UPDATE deliveries d SET
        state = v.state, updated_at = now(), next_attempt_at = NULL,
        provider_id = coalesce(v.provider_id, d.provider_id), code = v.code,
        accepted_at = coalesce(d.accepted_at, now())
    FROM unnest(CAST(:alerts AS bigint[]), CAST(:channels AS text[]), CAST(:contacts AS bigint[]),
                CAST(:provider_ids AS text[]), CAST(:codes AS text[]), CAST(:states AS smallint[]))
         AS v (alert, channel, contact, provider_id, code, state)
    WHERE {_NAMED} AND d.state < v.state AND (d.resent = :resent OR v.state = {S.DELIVERED})
    RETURNING d.alert_id, d.channel, d.contact_point_id, d.provider, d.state, d.code
""")

_DONE = text("DELETE FROM received_receipts WHERE id = ANY (:ids)")

Key = tuple[int, str, int]
"""Alert, channel, contact point."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a receipt says of a provider rather than of a message."""

    provider: str
    blames_us: bool
    """Of our account or sender: every message fails alike. False: it left, or arrived."""
    code: str | None


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a number of receipts."""

    count: int
    words: list[Word]


def apply_receipts(session: Session, limit: int = 2000) -> Applied:
    """Apply the oldest receipts and return how many, and what they tell of providers; the session is scoped to every
    organisation.

    A receipt only moves a delivery up the ranks, in the WHERE of one UPDATE; of several for one message only the
    highest counts. One exception: when a message that was taken came back for a passing reason, its delivery is pending
    again, and another message follows, a stated few times. From then on receipts of the earlier message count only if
    they say that it arrived after all. A receipt for a delivery that is not in the ledger is dropped: its batch's
    transaction came before its message, so it can't be early, only forged or long past.
    """
    rows = session.execute(_TAKE, {"limit": limit}).all()
    if not rows:
        return Applied(0, [])
    words: list[Word] = []
    batches = list(session.scalars(_LOCK, _names(rows)))
    for resent, group in groupby(sorted(rows, key=lambda row: row.resent), lambda row: row.resent):
        words += _apply(session, resent, _highest(group))
    if batches:
        settle(session, batches)
    session.execute(_DONE, {"ids": [row.id for row in rows]})
    return Applied(len(rows), words)


def _highest(rows: Any) -> list[Row[Any]]:
    best: dict[Key, Row[Any]] = {}
    for row in rows:
        if _key(row) not in best or row.state > best[_key(row)].state:
            best[_key(row)] = row
    return list(best.values())


def _apply(session: Session, resent: int, rows: list[Row[Any]]) -> list[Word]:
    """`rows` are about messages that each followed `resent` others of the same delivery."""
    words = []
    blaming = {_key(row) for row in rows if row.state == S.FAILED and row.outcome == Outcome.US}
    came_back = [row for row in rows if row.state == S.FAILED and _wait(row, resent) is not None]
    if came_back:
        waits = [(_wait(row, resent) or 0) * random.uniform(1.0, 1.5) for row in came_back]  # noqa: S311 - jitter
        anew = session.execute(_SEND_ANEW, _columns(came_back) | {"waits": waits, "resent": resent})
        words += [Word(row.provider, blames_us=True, code=row.code) for row in anew if _key(row) in blaming]
    moved = session.execute(
        _APPLY, _columns(rows) | {"states": [row.state for row in rows], "resent": resent}
    ).all()
    words += [
        Word(row.provider, _key(row) in blaming, row.code)
        for row in moved
        if row.state in (S.SENT, S.DELIVERED) or _key(row) in blaming
    ]
    _mark_contacts(session, rows, {_key(row) for row in moved})
    return [word for word in words if word.provider]


def _wait(row: Row[Any], resent: int) -> int | None:
    """Seconds after which a message that came back is sent anew; None when it isn't."""
    waits = AGAIN.get(row.outcome or "", ())
    return waits[resent] if resent < len(waits) else None


def _mark_contacts(session: Session, rows: list[Row[Any]], moved: set[tuple[Any, ...]]) -> None:
    """A notice isn't in the ledger, but what its receipt says of the address holds all the same."""
    for outcome, state in ((Outcome.NEVER, "unreachable"), (Outcome.OPTED_OUT, "opted_out")):
        ids = [
            row.contact_point_id
            for row in rows
            if row.state == S.FAILED
            and row.outcome == outcome
            and (_key(row) in moved or row.channel == "notice")
        ]
        write_off(session, state, ids)


def _key(row: Row[Any]) -> Key:
    return row.alert_id, row.channel, row.contact_point_id


def _names(rows: Sequence[Row[Any]]) -> dict[str, list[Any]]:
    return {
        "alerts": [row.alert_id for row in rows],
        "touched": sorted({row.alert_id for row in rows}),
        "channels": [row.channel for row in rows],
        "contacts": [row.contact_point_id for row in rows],
    }


def _columns(rows: Sequence[Row[Any]]) -> dict[str, list[Any]]:
    return _names(rows) | {
        "provider_ids": [row.provider_id for row in rows],
        "codes": [row.code for row in rows],
    }
