"""How far an alert has come: sums over its batches, never over its deliveries."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts.delivery.models import Batch, DeliveryState
from alerts.lifecycle.models import Alert

STATES = tuple(state.word for state in DeliveryState)
COLUMNS = {word: getattr(Batch, word) for word in STATES}


def tally(session: Session, alert: Alert) -> dict[str, dict[str, int]]:
    """Deliveries by channel and state; every state of every chosen channel is there, if only as 0."""
    rows = session.execute(
        select(Batch.channel, *(func.sum(column) for column in COLUMNS.values()))
        .where(Batch.alert_id == alert.id)
        .group_by(Batch.channel)
    )
    counts = {channel: dict.fromkeys(STATES, 0) for channel in alert.channels}
    for channel, *sums in rows:
        counts[channel] = dict(zip(STATES, map(int, sums), strict=True))
    return counts
