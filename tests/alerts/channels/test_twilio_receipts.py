"""Receipts in the ledger's words, and who is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from alerts.channels.base import Outcome
from alerts.channels.twilio import read_receipt, valid_signature

URL = "https://rollcall.example/webhooks/twilio/receipts/ref-1.sig"
FORM = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+15550000001", "Body": "été"}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("accepted", "accepted"),
        ("queued", "accepted"),
        ("sending", "accepted"),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "delivered"),
        ("undelivered", "failed"),
        ("failed", "failed"),
        ("canceled", "failed"),
        ("a status of tomorrow", "accepted"),
    ],
)
def test_states(status: str, state: str) -> None:
    receipt = read_receipt({"MessageSid": "SM1", "MessageStatus": status})
    assert (receipt.state, receipt.provider_id) == (state, "SM1")
    assert (receipt.outcome is not None) == (state == "failed")


@pytest.mark.parametrize(
    ("code", "outcome", "once"),
    [
        ("30001", Outcome.LATER, False),
        ("30003", Outcome.LATER, False),
        ("30008", Outcome.LATER, True),
        ("30017", Outcome.LATER, False),
        ("30022", Outcome.LATER, False),
        ("30005", Outcome.NEVER, False),
        ("30006", Outcome.NEVER, False),
        ("21610", Outcome.OPTED_OUT, False),
        ("30002", Outcome.US, False),
        ("30007", Outcome.US, False),
        ("30032", Outcome.US, False),
        ("30034", Outcome.US, False),
        ("30004", Outcome.EXPIRED, False),
        ("30036", Outcome.EXPIRED, False),
        ("39999", Outcome.LATER, True),
        (None, Outcome.LATER, True),
        ("٣٠٠٠٦", Outcome.LATER, True),
        ("9" * 5000, Outcome.LATER, True),
    ],
)
def test_why_it_failed(code: str | None, outcome: Outcome, once: bool) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "undelivered"} | ({"ErrorCode": code} if code else {})
    receipt = read_receipt(form)
    assert (receipt.outcome, "once" in receipt.extra) == (outcome, once)
    assert receipt.extra["reason"]


@given(st.dictionaries(st.sampled_from(["MessageSid", "MessageStatus", "ErrorCode"]), st.text()))
def test_any_form_reads_as_some_state(form: dict[str, str]) -> None:
    assert read_receipt(form).state in {"accepted", "sent", "delivered", "failed"}


def test_a_signature_by_either_token_is_believed() -> None:
    signature = RequestValidator("old").compute_signature(URL, FORM)
    assert valid_signature(["new", "old"], URL, FORM, signature)
    assert valid_signature(["old"], URL, FORM, signature)


def test_forgeries_are_not_believed() -> None:
    signature = RequestValidator("secret").compute_signature(URL, FORM)
    assert not valid_signature(["other"], URL, FORM, signature)
    assert not valid_signature(["secret"], URL, FORM | {"MessageStatus": "failed"}, signature)
    assert not valid_signature(["secret"], URL + "x", FORM, signature)
    assert not valid_signature(["secret"], URL, FORM | {"More": ""}, signature)
    assert not valid_signature(["secret"], URL, FORM, signature[:-2])
    assert not valid_signature(["secret"], URL, FORM, "é" * 28)


def test_no_header_and_no_token_are_no_signature() -> None:
    signature = RequestValidator("").compute_signature(URL, FORM)
    assert not valid_signature(["secret"], URL, FORM, None)
    assert not valid_signature(["secret"], URL, FORM, "")
    assert not valid_signature([], URL, FORM, signature)
    assert not valid_signature([""], URL, FORM, signature)
