"""Receipts of an SMS gateway: no signature, but an address that only it was given."""

from __future__ import annotations

from dataclasses import replace

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select

from alerts.delivery import reference as references
from alerts.delivery.models import DeliveryState, ReceivedReceipt
from registry.crypto import Keyring
from registry.database import scoped


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    app.extensions["rollcall"] = replace(
        app.extensions["rollcall"], providers={"sms": ("twilio", "gateway"), "email": ("smtp",)}
    )
    return app.test_client()


def path(keyring: Keyring, kind: str, channel: str = "sms") -> str:
    name = references.make(keyring.signing_key, 1, channel, 7, 9, 2)
    return f"/webhooks/gateway/{kind}/receipts/{name}"


def stored() -> list[tuple[object, ...]]:
    with scoped(1) as session:
        rows = session.scalars(select(ReceivedReceipt).order_by(ReceivedReceipt.id)).all()
    return [(r.channel, r.alert_id, r.contact_point_id, r.resent, r.state, r.outcome, r.code) for r in rows]


def test_receipts_are_kept_as_they_came(client: FlaskClient, keyring: Keyring) -> None:
    assert client.get(path(keyring, "kannel") + "?status=8&answer=ACK%2F&id=").status_code == 200
    answer = client.post(path(keyring, "jasmin"), data={"id": "j", "message_status": "UNDELIV", "level": "2"})
    assert (answer.status_code, answer.text) == (200, "ACK/Jasmin")
    where = ("sms", 7, 9, 2)
    assert stored() == [
        (*where, DeliveryState.SENT, None, None),
        (*where, DeliveryState.FAILED, "once", "UNDELIV"),
    ]


def test_nobody_else_is_heard(client: FlaskClient, app: APIFlask, keyring: Keyring) -> None:
    good = path(keyring, "kannel")
    assert client.get(good[:-3] + "AAA?status=1").status_code == 404
    assert client.get(path(keyring, "smpp") + "?status=1").status_code == 404
    assert client.get(path(keyring, "kannel", "email") + "?status=1").status_code == 404
    assert client.get(good + "?status=banana").status_code == 400
    assert client.get(good).status_code == 400
    app.extensions["rollcall"] = replace(app.extensions["rollcall"], providers={"sms": ("twilio",)})
    assert client.get(good + "?status=1").status_code == 404
    assert stored() == []
