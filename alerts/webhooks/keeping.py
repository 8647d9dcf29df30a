"""Keeping receipts as they come in; the dispatcher applies them in bulk."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from alerts.channels.base import Receipt
from alerts.delivery.models import DeliveryState, ReceivedReceipt
from alerts.delivery.receipts import ONCE
from alerts.delivery.reference import Reference
from alerts.outgoing.services import note_receipt
from registry.database import scoped


def keep(reference: Reference, receipt: Receipt) -> None:
    """Store what a provider says of a message."""
    with scoped(reference.organisation_id) as session:
        if reference.channel == "outgoing":
            code, provider_id = plain(receipt.code or "", 40), plain(receipt.provider_id or "", 80)
            note_receipt(session, reference.number, receipt.state, code or None, provider_id or None)
            return
        session.add(
            ReceivedReceipt(
                organisation_id=reference.organisation_id,
                alert_id=reference.number,
                channel=reference.channel,
                contact_point_id=reference.contact_point_id,
                state=DeliveryState[receipt.state.upper()],
                outcome=ONCE if "once" in receipt.extra else receipt.outcome and receipt.outcome.value,
                provider_id=plain(receipt.provider_id or "", 80) or None,
                code=plain(receipt.code or "", 40) or None,
                resent=reference.resent,
            )
        )


def plain(text: str, limit: int) -> str:
    """What a text column takes."""
    return text.replace("\0", "")[:limit]


def tell_to_come_again(blueprint: Blueprint) -> None:
    """While the database is away, providers are asked to try again."""

    @blueprint.errorhandler(OperationalError)
    @blueprint.errorhandler(NoConnection)
    def database_away(_error: Exception) -> Response:
        return Response("try again\n", 503, {"Retry-After": "5"}, mimetype="text/plain")
