"""Fakes of the providers, one process each for a whole module, clean for every test."""

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from alerts.channels.smtp import SmtpChannel
from alerts.channels.twilio import TwilioChannel
from tests.alerts.channels.mailing import FROM, Mailer
from tests.fakes.smtp import FakeSmtp
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
    with closing(sms_channel(twilio, 15)) as channel:
        yield channel


@pytest.fixture
def hasty_sms(twilio: FakeTwilio) -> Iterator[TwilioChannel]:
    """Gives up soon: for servers that are told to be silent."""
    with closing(sms_channel(twilio, 2)) as channel:
        yield channel


def sms_channel(twilio: FakeTwilio, timeout: float) -> TwilioChannel:
    service = "MG" + "0" * 32
    return TwilioChannel(
        twilio.account_sid, twilio.auth_token, service, twilio.url, RECEIPTS, in_flight=20, timeout=timeout
    )


@pytest.fixture(scope="module")
def post_process() -> Iterator[FakeSmtp]:
    with FakeSmtp() as fake:
        yield fake


@pytest.fixture
def post(post_process: FakeSmtp) -> FakeSmtp:
    post_process.reset()
    return post_process


@pytest.fixture
def email(post: FakeSmtp) -> Iterator[SmtpChannel]:
    with closing(SmtpChannel(post.url, "Embassy <alerts@rollcall.example>")) as channel:
        yield channel


@pytest.fixture
def hasty_email(post: FakeSmtp) -> Iterator[SmtpChannel]:
    """Gives up soon: for servers that are told to be silent."""
    with closing(SmtpChannel(post.url, "alerts@rollcall.example", timeout=2)) as channel:
        yield channel


@pytest.fixture
def mailer() -> Iterator[Mailer]:
    """Makes channels to any server, and closes them."""
    with ExitStack() as stack:
        yield lambda url, tls=None: stack.enter_context(closing(SmtpChannel(url, FROM, tls=tls)))
