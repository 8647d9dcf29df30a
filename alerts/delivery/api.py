"""`/alerts/{id}/deliveries`: the ledger, for programs."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

from apiflask import APIBlueprint
from pydantic import Field

from alerts.delivery.ledger import Entry, list_deliveries, people_in
from alerts.delivery.models import DeliveryState
from alerts.lifecycle.models import Alert
from alerts.lifecycle.services import get as get_alert
from registry.api.access import Call
from registry.api.answers import Answer
from registry.api.document import ROOT
from registry.api.operations import Operation, operation
from registry.api.pages import Page, open_cursor, page_of
from registry.api.schemas import PageQuery, Shown
from registry.audit.reading import Purpose, readings
from registry.audit.services import record
from registry.organisations.models import Scope
from registry.people.models import ChannelName
from registry.people.vault import Vault
from registry.staff.reach import reach_of

deliveries_api = APIBlueprint("deliveries_api", __name__, url_prefix=ROOT, tag="Alerts")
StateWord = Literal[
    "pending", "claimed", "uncertain", "accepted", "sent", "failed", "delivered", "suppressed", "expired"
]


class DeliveriesQuery(PageQuery):
    """Which deliveries."""

    state: StateWord | None = None


class DeliveryShown(Shown):
    """One alert to one contact point."""

    channel: ChannelName
    state: StateWord
    language: str = Field(description="Of the text that is sent.")
    next: bool = Field(
        description="A next contact point, over a channel that was not chosen: all that was tried before is dead."
    )
    contact: str | None = Field(description="The address, masked; null once it is erased.")
    person: uuid.UUID | None
    attempts: int
    code: str | None = Field(description="Why it failed, was suppressed or waits.")
    provider_id: str | None
    accepted_at: datetime | None
    updated_at: datetime


class DeliveriesPage(Page[DeliveryShown]):
    """A page of an alert's deliveries, by channel."""


@operation(
    deliveries_api,
    "GET",
    "/alerts/<alert_id>/deliveries",
    Operation(Scope.ALERTS_READ, DeliveriesPage, query=DeliveriesQuery),
)
def get_deliveries(call: Call, alert_id: str, query: DeliveriesQuery) -> Answer:
    """List an alert's deliveries: one row for each contact point that it has been planned for."""
    alert = get_alert(call.session, alert_id)
    name = f"deliveries:{alert.id}"
    position = open_cursor(call.vault, name, query.after)
    entries = list_deliveries(
        call.session,
        alert,
        DeliveryState[query.state.upper()] if query.state else None,
        (position[0], position[1]) if position else None,
        query.limit + 1,
        within=reach_of(call.session, call.officer),
    )
    shown, following = page_of(
        call.vault,
        name,
        entries,
        query.limit,
        lambda one: (one.delivery.channel, one.delivery.contact_point_id),
    )
    seen = readings(Purpose.PROGRAM, "people", people_in(shown))
    record(call.session, call.actor, "alert.deliveries", alert.public_id, {"deliveries": len(shown), **seen})
    return Answer(DeliveriesPage(items=[_shown(call.vault, alert, entry) for entry in shown], next=following))


def _shown(vault: Vault, alert: Alert, entry: Entry) -> DeliveryShown:
    delivery, contact = entry.delivery, entry.contact
    return DeliveryShown.model_validate(
        {
            "channel": delivery.channel,
            "state": DeliveryState(delivery.state).word,
            "language": delivery.language,
            "next": delivery.channel not in alert.channels,
            "contact": vault.masked(contact) if contact else None,
            "person": contact.person.public_id if contact else None,
            "attempts": delivery.attempts,
            "code": delivery.code,
            "provider_id": delivery.provider_id,
            "accepted_at": delivery.accepted_at,
            "updated_at": delivery.updated_at,
        }
    )
