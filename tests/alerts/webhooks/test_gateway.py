"""Receipts of an SMS gateway: no signature, but an address that only it was given."""

from __future__ import annotations

import hmac
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select

from alerts.delivery import reference as references
from alerts.delivery.models import DeliveryState, ReceivedReceipt
from alerts.responses.models import Meaning, Reply
from config.addresses import networks
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.notices.models import Notice
from registry.people.models import ContactPoint, ContactState
from tests.alerts.responses.making import PHONE, make_alert, make_house, make_person


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


def test_messages_from_phones(client: FlaskClient, app: APIFlask, keyring: Keyring) -> None:
    """A Kannel says the secret and sends our answer back; a Jasmin logs in, and gets a message to send; one of our own
    making signs. Nobody else is heard."""
    with unscoped() as session:
        house = make_house(session, keyring)
        alert_id = make_alert(session, house, make_person(session, house))
    secret = "the gateway's own"
    said = {"from": PHONE.lstrip("+"), "text": "1", "id": "k-1"}
    where = "/webhooks/gateway/kannel/inbound"
    assert client.get(where, query_string=said | {"secret": secret}).status_code == 404, "off until it is set"
    app.extensions["rollcall"] = replace(
        app.extensions["rollcall"], gateway_secret=secret, gateway_networks=networks("127.0.0.0/8")
    )
    for wrong in (said, said | {"secret": "guessed"}):
        assert client.get(where, query_string=wrong).status_code == 403
    assert client.get(where, query_string={"secret": secret, "text": "1"}).status_code == 400
    answer = client.get(where, query_string=said | {"secret": secret})
    assert (answer.status_code, "safe" in answer.text) == (200, True)
    assert client.get(where, query_string=said | {"secret": secret}).text == "", "it came twice"
    arabic = {"from": PHONE, "id": "j-1", "coding": "8", "binary": "مساعدة".encode("utf-16-be").hex()}
    answer = client.post("/webhooks/gateway/jasmin/inbound", data=arabic, auth=("jasmin", secret))
    assert (answer.status_code, answer.text) == (200, "ACK/Jasmin")
    body = urlencode(said | {"text": "STOP", "id": "own-1"}).encode()
    for signature, status in (("0" * 64, 403), (hmac.digest(secret.encode(), body, "sha256").hex(), 200)):
        answer = client.post(
            where,
            data=body,
            headers={"X-Rollcall-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code == status
    elsewhere = client.get(
        where, query_string=said | {"secret": secret}, environ_base={"REMOTE_ADDR": "10.0.0.9"}
    )
    assert elsewhere.status_code == 403
    with scoped(house.organisation.id) as session:
        meanings = session.scalars(select(Reply.meaning).order_by(Reply.id)).all()
        assert meanings == [Meaning.SAFE, Meaning.HELP, Meaning.STOP]
        assert session.scalars(select(Notice)).all(), f"the answer to the call for help of alert {alert_id}"
        assert session.scalars(select(ContactPoint.state)).all() == [ContactState.OPTED_OUT]
