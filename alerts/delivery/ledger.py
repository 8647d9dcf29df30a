"""Reading the ledger, a page at a time. Every function expects a session scoped to the organisation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, exists, select, tuple_
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session, joinedload

from alerts.delivery.batches import EXPLAINED
from alerts.delivery.models import Batch, Delivery, DeliveryState
from alerts.lifecycle.models import Alert
from registry.people.models import ContactPoint, Person, Stay
from registry.staff.reach import Reach


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
    within: Reach = None,
) -> list[Entry]:
    """A page of an alert's deliveries by channel and contact point; `after` is the last one's pair of these, `within`
    how far one sees."""
    position = (Delivery.channel, Delivery.contact_point_id)
    query = select(Delivery).where(Delivery.alert_id == alert.id)
    if state is not None or code is not None:
        part = _batches_with(alert, state, after, limit, channel, code).subquery()
        query = query.join(
            part,
            (part.c.channel == Delivery.channel)
            & (Delivery.contact_point_id > part.c.low)
            & (Delivery.contact_point_id <= part.c.high),
        )
    if after is not None:
        query = query.where(tuple_(*position) > tuple_(*after))
    if state is not None:
        query = query.where(Delivery.state == state.value)
    if channel is not None:
        query = query.where(Delivery.channel == channel)
    if code is not None:
        query = query.where(Delivery.code == code)
    if within is not None:
        whose = ContactPoint.id == Delivery.contact_point_id, Stay.person_id == ContactPoint.person_id
        query = query.where(exists().where(*whose, Stay.country.in_(within)))
    rows = session.scalars(query.order_by(*position).limit(limit)).all()
    contacts = _contacts(session, [row.contact_point_id for row in rows])
    return [Entry(row, contacts.get(row.contact_point_id)) for row in rows]


def people_in(entries: Sequence[Entry]) -> list[uuid.UUID]:
    """Whose contact points a page shows, by public id, in its order; those of erased people are nobody's."""
    return [entry.contact.person.public_id for entry in entries if entry.contact]


def _batches_with(
    alert: Alert,
    state: DeliveryState | None,
    after: tuple[str, int] | None,
    limit: int,
    channel: str | None,
    code: str | None,
) -> Select[str, int, int]:
    """The batches that the page is in, by their own counts: a row in a thousand is found without reading the ledger.

    One more than there are rows on a page, for the first one may hold none beyond `after`.
    """
    query = select(Batch.channel, Batch.low, Batch.high).where(Batch.alert_id == alert.id, Batch.expanded)
    if after is not None:
        query = query.where(tuple_(Batch.channel, Batch.high) > tuple_(*after))
    if channel is not None:
        query = query.where(Batch.channel == channel)
    if state is not None:
        query = query.where(getattr(Batch, state.word) > 0)
    if code is not None:
        states = EXPLAINED if state is None else [state]
        query = query.where(Batch.reasons.has_any(array([f"{its.value}:{code}" for its in states])))
    return query.order_by(Batch.channel, Batch.high).limit(limit + 1)


def _contacts(session: Session, ids: Sequence[int]) -> dict[int, ContactPoint]:
    """With all that showing an address needs, in one statement."""
    query = (
        select(ContactPoint)
        .options(joinedload(ContactPoint.person).joinedload(Person.key))
        .where(ContactPoint.id.in_(ids))
    )
    return {contact.id: contact for contact in session.scalars(query)}
