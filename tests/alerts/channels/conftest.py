"""Fakes of the providers, one process each for a whole module, clean for every test."""

from collections.abc import Iterator

import pytest

from alerts.channels.twilio import TwilioChannel
from tests.fakes.twilio import FakeTwilio

RECEIPTS = "https://rollcall.example/webhooks/twilio/receipts/"


@pytest.fixture(scope="module")
def twilio_process() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def twilio(twilio_process: FakeTwilio) -> FakeTwilio:
    twilio_process.reset()
    return twilio_process


@pytest.fixture
def sms(twilio: FakeTwilio) -> Iterator[TwilioChannel]:
    channel = TwilioChannel(
        twilio.account_sid, twilio.auth_token, "MG" + "0" * 32, twilio.url, RECEIPTS, in_flight=20, timeout=2
    )
    yield channel
    channel.close()
