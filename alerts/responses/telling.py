"""How many people an alert was handed over for. They can't be added up by batches: one may be in several."""

from __future__ import annotations

from sqlalchemy import distinct, func, select, text
from sqlalchemy.orm import Session

from alerts.delivery.models import HANDED_OVER, Batch, Delivery
from alerts.lifecycle.models import Alert
from registry.people.models import ContactPoint

LIVE = 50_000
"""Messages up to which people are counted as they are asked for: 0.1 s, where a million takes more than two."""


def people_told(session: Session, alert: Alert) -> int:
    """People with at least one message handed over. Of an alert to very many, as the dispatcher last counted them."""
    handed_over = _handed_over(session, alert.id)
    if alert.ledger_removed_at is not None:
        return alert.told or 0
    if alert.told is not None and (handed_over > LIVE or handed_over == alert.told_of):
        return alert.told
    return _count(session, alert.id)


def note_told(session: Session, alert: Alert) -> None:
    """Keep the count, before the rows that it is made from go."""
    alert.told, alert.told_of = people_told(session, alert), _handed_over(session, alert.id)
    session.flush()


_CHANGED = text("""
    SELECT a.id, b.number FROM alerts a CROSS JOIN LATERAL (
        SELECT sum(accepted + sent + delivered) AS number FROM batches WHERE alert_id = a.id
    ) b
    WHERE a.first_sent_at > now() - interval '7 days'
      AND b.number > :live AND b.number IS DISTINCT FROM a.told_of
    ORDER BY a.told_of NULLS FIRST LIMIT 1
""")
_NOTE = text("UPDATE alerts SET told = :told, told_of = :number WHERE id = :id")


def recount(session: Session, live: int = LIVE) -> int:
    """Count the people of one large alert of which more was handed over since; 1 when there was one, else 0.

    The session is scoped to every organisation. After a week no receipt comes any more.
    """
    found = session.execute(_CHANGED, {"live": live}).first()
    if found is None:
        return 0
    told = _count(session, found.id)
    session.execute(_NOTE, {"id": found.id, "told": told, "number": found.number})
    return 1


def _handed_over(session: Session, alert_id: int) -> int:
    query = select(func.sum(Batch.accepted + Batch.sent + Batch.delivered)).where(Batch.alert_id == alert_id)
    return int(session.scalar(query) or 0)


def _count(session: Session, alert_id: int) -> int:
    query = (
        select(func.count(distinct(ContactPoint.person_id)))
        .join(Delivery, Delivery.contact_point_id == ContactPoint.id)
        .where(Delivery.alert_id == alert_id, Delivery.state.in_([int(state) for state in HANDED_OVER]))
    )
    return session.scalar(query) or 0
