"""The ledger's partitions: one for each alert, added as it is planned and dropped when its time is over."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

_LATELY = text("""
    SELECT id FROM alerts
    WHERE (approved_at > now() - interval '30 days' OR approved_at IS NOT NULL AND expires_at > now())
      AND organisation_id IN (SELECT organisation_id FROM people WHERE id = ANY (:people))
""")
_OPEN = text("SELECT open_ledger(:alert)")
_DROP = text("SELECT drop_ledger(:alert)")


def open_ledger(session: Session, alert_id: int) -> None:
    """Make room for an alert's deliveries, unless there is: without it none of them could be written."""
    session.execute(_OPEN, {"alert": alert_id})


def lately_sent(session: Session, people: Sequence[int]) -> list[int]:
    """Alerts of these people's organisations that are in force, or were approved in the last 30 days: a statement that
    names them opens no other partitions."""
    return list(session.scalars(_LATELY, {"people": list(people)}))


def drop_ledger(session: Session, alert_id: int) -> bool:
    """Remove all deliveries of an alert that ended more than a day ago; False when it must wait for those who send."""
    return bool(session.scalar(_DROP, {"alert": alert_id}))
