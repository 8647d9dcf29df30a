from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from alerts.delivery import reference as references
from alerts.delivery.models import DeliveryState, ReceivedReceipt
from alerts.responses.models import CheckIn
from registry.crypto import Keyring
from registry.database import SessionFactory, scoped, unscoped
from registry.people.models import ContactPoint, ContactState
from tests.alerts.responses.making import PHONE, House, make_alert, make_house, make_person
from tests.alerts.twilio import PUBLIC, TOKEN, Twilio


@pytest.fixture
def house(database: str, keyring: Keyring) -> Iterator[House]:
    with unscoped() as session:
        house = make_house(session, keyring)
        make_alert(session, house, make_person(session, house))
    yield house


def receipt_path(keyring: Keyring, channel: str = "sms") -> str:
    name = references.make(keyring.signing_key, 1, channel, 7, 9)
    return f"/webhooks/twilio/receipts/{name}"


def stored() -> list[ReceivedReceipt]:
    with scoped(1) as session:
        return list(session.scalars(select(ReceivedReceipt).order_by(ReceivedReceipt.id)))


def test_a_receipt_is_kept_as_it_came(twilio: Twilio, keyring: Keyring) -> None:
    path = receipt_path(keyring)
    for status in ("delivered", "sent"):
        assert twilio.post(path, MessageSid="SM1", MessageStatus=status).status_code == 204
    answer = twilio.post(path, MessageSid="SM1", MessageStatus="undelivered", ErrorCode="30006")
    assert answer.status_code == 204
    states = [DeliveryState.DELIVERED, DeliveryState.SENT, DeliveryState.FAILED]
    assert [row.state for row in stored()] == states
    assert {(row.organisation_id, row.alert_id, row.channel, row.contact_point_id) for row in stored()} == {
        (1, 7, "sms", 9)
    }
    assert (stored()[-1].code, stored()[-1].outcome) == ("30006", "never")


def test_what_twilio_did_not_sign_changes_nothing(twilio: Twilio, keyring: Keyring, house: House) -> None:
    path = receipt_path(keyring)
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    assert twilio.client.post(path, data=form).status_code == 403
    assert twilio.client.post(path, data=form, headers={"X-Twilio-Signature": "x"}).status_code == 403
    assert Twilio(twilio.client, "another token").post(path, **form).status_code == 403
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, form)
    forged = form | {"MessageStatus": "failed"}
    assert twilio.client.post(path, data=forged, headers={"X-Twilio-Signature": signature}).status_code == 403
    assert stored() == []


def test_the_host_that_a_request_names_counts_for_nothing(twilio: Twilio, keyring: Keyring) -> None:
    path, form = receipt_path(keyring), {"MessageStatus": "sent"}
    for host, status in (("localhost:8000", 403), ("evil.example", 400)):
        signature = RequestValidator(TOKEN).compute_signature(f"http://{host}{path}", form)
        headers = {"X-Twilio-Signature": signature, "Host": host, "X-Forwarded-Host": host}
        assert twilio.client.post(path, data=form, headers=headers).status_code == status


def test_a_query_is_part_of_what_is_signed(twilio: Twilio, keyring: Keyring) -> None:
    assert twilio.post(receipt_path(keyring) + "?a=1&b=%C3%A9", MessageStatus="sent").status_code == 204


@pytest.mark.parametrize("name", ["x", "A" * 50, "é", "%00", "-" * 50])
def test_a_reference_that_we_never_made_is_not_found(twilio: Twilio, name: str) -> None:
    assert twilio.client.post(f"/webhooks/twilio/receipts/{name}").status_code == 403
    if name.isascii() and "%" not in name:
        assert twilio.post(f"/webhooks/twilio/receipts/{name}", MessageStatus="sent").status_code == 404


def test_without_twilio_nobody_is_believed(client: FlaskClient, keyring: Keyring) -> None:
    assert Twilio(client, "").post(receipt_path(keyring), MessageStatus="sent").status_code == 403


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("1", "you are safe"),
        ("HELP!!", "Someone will contact you"),
        ("stop please", "no more messages"),
        ("start again", "messages again"),
        ("hello", "Send 1 if you are safe"),
    ],
)
def test_a_reply_is_acknowledged(twilio: Twilio, house: House, body: str, words: str) -> None:
    assert words in (twilio.says(body) or "")


def test_a_reply_checks_in(twilio: Twilio, house: House) -> None:
    twilio.says("1")
    assert twilio.says("1") is None, "the same message again"
    with scoped(house.id) as session:
        assert session.scalars(select(CheckIn)).one().safety.value == "safe"


@pytest.mark.parametrize(
    ("body", "more", "state"),
    [
        ("STOP", {}, ContactState.OPTED_OUT),
        ("Unsubscribe", {}, ContactState.OPTED_OUT),
        ("halas", {"OptOutType": "STOP"}, ContactState.OPTED_OUT),
        ("START", {}, ContactState.ACTIVE),
    ],
)
def test_what_twilio_answers_itself_we_act_on_in_silence(
    twilio: Twilio, house: House, body: str, more: dict[str, str], state: ContactState
) -> None:
    assert twilio.says(body, **more) is None
    with scoped(house.id) as session:
        assert session.scalars(select(ContactPoint.state)).one() is state


def test_the_acknowledgement_is_in_the_persons_language(twilio: Twilio, keyring: Keyring) -> None:
    with unscoped() as session:
        house = make_house(session, keyring)
        make_person(session, house, language="fr")
    assert "en sécurité" in (twilio.says("oui, tout va bien") or "")


def test_a_stranger_is_asked_to_join(twilio: Twilio, house: House) -> None:
    assert "In which country" in (twilio.says("1", sender="+999209999999") or "")
    assert twilio.says("stop", sender="+999209999998") is None


def test_a_stranger_who_goes_on_writing_costs_no_more(twilio: Twilio, house: House) -> None:
    answers = [twilio.says("hello", f"SM{number}", "+999209999999") for number in range(6)]
    assert [answer is not None for answer in answers] == [True] * 3 + [False] * 3


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"From": "whatsapp:+999201000001", "Body": "1", "MessageSid": "SM1"},
        {"From": PHONE, "Body": "1"},
        {"From": PHONE, "MessageSid": "SM1", "NumMedia": "2", "MediaUrl0": "https://example.org/picture"},
        {"From": PHONE, "Body": "x" * 9000, "MessageSid": "S" * 500},
        {"From": PHONE, "Body": "\x00\ufffe", "MessageSid": "S\x00M"},
        {"From": "anonymous", "Body": "1", "MessageSid": "SM1"},
    ],
)
def test_odd_messages_get_an_answer_and_no_error(twilio: Twilio, house: House, form: dict[str, str]) -> None:
    answer = twilio.post("/webhooks/twilio/inbound", **form)
    assert answer.status_code == 200
    assert ElementTree.fromstring(answer.data).tag == "Response"


def test_a_body_too_large_is_refused(twilio: Twilio, house: House) -> None:
    answer = twilio.post("/webhooks/twilio/inbound", From=PHONE, Body="x" * 200_000, MessageSid="SM1")
    assert answer.status_code == 413


def test_twilio_is_asked_to_come_again_while_the_database_is_away(twilio: Twilio, keyring: Keyring) -> None:
    from sqlalchemy import create_engine

    engine = SessionFactory.kw["bind"]
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none", connect_args={"connect_timeout": 1})
    SessionFactory.configure(bind=away)
    try:
        receipt = twilio.post(receipt_path(keyring), MessageStatus="sent")
        reply = twilio.post("/webhooks/twilio/inbound", From=PHONE, Body="1", MessageSid="SM1")
    finally:
        SessionFactory.configure(bind=engine)
        away.dispose()
    assert (receipt.status_code, reply.status_code) == (503, 503)
    assert receipt.headers["Retry-After"]
