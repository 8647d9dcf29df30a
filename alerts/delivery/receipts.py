"""Applying receipts, in bulk. Doubled, late, early and reordered ones change nothing they should not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from alerts.channels.base import Outcome
from alerts.delivery.batches import settle, write_off
from alerts.delivery.models import DeliveryState as S

_TAKE = text("""
    SELECT id, alert_id, channel, contact_point_id, state, outcome, provider_id, code
    FROM received_receipts ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
""")

_LOCK = text("""
    SELECT id FROM batches WHERE id IN (
        SELECT d.batch_id FROM deliveries d
        JOIN unnest(CAST(:alerts AS bigint[]), CAST(:channels AS text[]), CAST(:contacts AS bigint[]))
             AS v (alert, channel, contact)
          ON d.alert_id = v.alert AND d.channel = v.channel AND d.contact_point_id = v.contact)
    ORDER BY id FOR UPDATE
""")

_APPLY = text("""
    UPDATE deliveries d SET
        state = v.state, updated_at = now(), next_attempt_at = NULL,
        provider_id = coalesce(v.provider_id, d.provider_id), code = v.code,
        accepted_at = coalesce(d.accepted_at, now())
    FROM unnest(CAST(:alerts AS bigint[]), CAST(:channels AS text[]), CAST(:contacts AS bigint[]),
                CAST(:states AS smallint[]), CAST(:provider_ids AS text[]), CAST(:codes AS text[]))
         AS v (alert, channel, contact, state, provider_id, code)
    WHERE d.alert_id = v.alert AND d.channel = v.channel AND d.contact_point_id = v.contact AND d.state < v.state
""")

_DONE = text("DELETE FROM received_receipts WHERE id = ANY (:ids)")


def apply_receipts(session: Session, limit: int = 2000) -> int:
    """Apply the oldest receipts and return how many; the session is scoped to every organisation.

    A receipt only moves a delivery up the ranks, in the WHERE of one UPDATE; of several for one delivery only the
    highest counts. One for a delivery that is not in the ledger is dropped: its batch's transaction came before its
    message, so it can't be early, only forged or long past.
    """
    rows = session.execute(_TAKE, {"limit": limit}).all()
    if not rows:
        return 0
    best: dict[tuple[int, str, int], Row[Any]] = {}
    for row in rows:
        key = (row.alert_id, row.channel, row.contact_point_id)
        if key not in best or row.state > best[key].state:
            best[key] = row
    columns = {
        "alerts": [key[0] for key in best],
        "channels": [key[1] for key in best],
        "contacts": [key[2] for key in best],
    }
    batches = list(session.scalars(_LOCK, columns))
    states = {
        "states": [row.state for row in best.values()],
        "provider_ids": [row.provider_id for row in best.values()],
        "codes": [row.code for row in best.values()],
    }
    session.execute(_APPLY, columns | states)
    _mark_contacts(session, list(best.values()))
    if batches:
        settle(session, batches)
    session.execute(_DONE, {"ids": [row.id for row in rows]})
    return len(rows)


def _mark_contacts(session: Session, rows: list[Row[Any]]) -> None:
    for outcome, state in ((Outcome.NEVER, "unreachable"), (Outcome.OPTED_OUT, "opted_out")):
        ids = [row.contact_point_id for row in rows if row.state == S.FAILED and row.outcome == outcome]
        write_off(session, state, ids)
