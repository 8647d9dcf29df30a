"""Reading the ledger, a page at a time. Every function expects a session scoped to the organisation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload

from alerts.delivery.models import Delivery, DeliveryState
from alerts.lifecycle.models import Alert
from registry.people.models import ContactPoint, Person


@dataclass(frozen=True, slots=True)
class Entry:
    """A delivery and its contact point, which is None once it is erased."""

    delivery: Delivery
    contact: ContactPoint | None


def list_deliveries(
    session: Session,
    alert: Alert,
    state: DeliveryState | None = None,
    after: tuple[str, int] | None = None,
    limit: int = 50,
    *,
    channel: str | None = None,
    code: str | None = None,
) -> list[Entry]:
    """A page of an alert's deliveries by channel and contact point; `after` is the last one's pair of these."""
    position = (Delivery.channel, Delivery.contact_point_id)
    query = select(Delivery).where(Delivery.alert_id == alert.id)
    if after is not None:
        query = query.where(tuple_(*position) > tuple_(*after))
    if state is not None:
        query = query.where(Delivery.state == state.value)
    if channel is not None:
        query = query.where(Delivery.channel == channel)
    if code is not None:
        query = query.where(Delivery.code == code)
    rows = session.scalars(query.order_by(*position).limit(limit)).all()
    contacts = _contacts(session, [row.contact_point_id for row in rows])
    return [Entry(row, contacts.get(row.contact_point_id)) for row in rows]


def people_in(entries: Sequence[Entry]) -> list[uuid.UUID]:
    """Whose contact points a page shows, by public id, in its order; those of erased people are nobody's."""
    return [entry.contact.person.public_id for entry in entries if entry.contact]


def _contacts(session: Session, ids: Sequence[int]) -> dict[int, ContactPoint]:
    """With all that showing an address needs, in one statement."""
    query = (
        select(ContactPoint)
        .options(joinedload(ContactPoint.person).joinedload(Person.key))
        .where(ContactPoint.id.in_(ids))
    )
    return {contact.id: contact for contact in session.scalars(query)}
