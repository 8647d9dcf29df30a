"""Keeping receipts as they come in; the dispatcher applies them in bulk."""

from __future__ import annotations

from sqlalchemy import text

from alerts.channels.base import Receipt
from alerts.delivery.models import DeliveryState
from alerts.delivery.receipts import ONCE
from alerts.delivery.reference import Reference
from alerts.outgoing.services import note_receipt
from registry.database import at_once, scoped
from registry.database.session import SCOPE

_KEEP = text("""
    INSERT INTO received_receipts
        (organisation_id, alert_id, channel, contact_point_id, state, outcome, provider_id, code, resent)
    SELECT :organisation, :alert, :channel, :contact, :state, :outcome, :provider_id, :code, :resent
    FROM (SELECT set_config(:setting, :scope, true)) AS scoped
""")


def keep(reference: Reference, receipt: Receipt) -> None:
    """Store what a provider says of a message."""
    code, provider_id = plain(receipt.code or "", 40) or None, plain(receipt.provider_id or "", 80) or None
    if reference.channel == "outgoing":
        with scoped(reference.organisation_id) as session:
            note_receipt(session, reference.number, receipt.state, code, provider_id)
        return
    at_once(
        _KEEP,
        {
            "setting": SCOPE,
            "scope": f"{{{reference.organisation_id}}}",
            "organisation": reference.organisation_id,
            "alert": reference.number,
            "channel": reference.channel,
            "contact": reference.contact_point_id,
            "state": DeliveryState[receipt.state.upper()].value,
            "outcome": ONCE if "once" in receipt.extra else receipt.outcome and receipt.outcome.value,
            "provider_id": provider_id,
            "code": code,
            "resent": reference.resent,
        },
    )


def plain(text: str, limit: int) -> str:
    """What a text column takes."""
    return text.replace("\0", "")[:limit]
