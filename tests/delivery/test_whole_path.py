"""Ten thousand people, one alert, real processes and sockets: everyone gets it once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from registry.crypto import Keyring
from tests.delivery.conftest import House
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.processes import Process, running, wait_for

pytestmark = pytest.mark.delivery
PEOPLE = 10_000


def test_ten_thousand_people_get_the_alert_once_in_their_language(
    house: House,
    keyring: Keyring,
    provided: dict[str, str],
    twilio: FakeTwilio,
    smtp: FakeSmtp,
    start: Callable[..., Process],
) -> None:
    house.fill(keyring, PEOPLE, countries=["LB"])
    expected = {channel: house.reachable(channel) for channel in ("sms", "email")}
    with running(start("worker", provided), start("dispatcher", provided)):
        alert = house.approve()
        wait_for(lambda: house.alert(alert).state == "sent")

    sms, mails = twilio.messages(), smtp.messages()
    assert len(sms) == expected["sms"] > 4_000
    assert len(mails) == expected["email"] > 2_000
    assert max(Counter(message.to for message in sms).values()) == 1
    assert max(Counter(mail.recipients[0] for mail in mails).values()) == 1

    counts = house.tally(alert)
    assert counts["sms"]["accepted"] == expected["sms"]
    assert counts["email"]["accepted"] == expected["email"]
    for channel in ("sms", "email"):
        assert sum(counts[channel].values()) == counts[channel]["accepted"] + counts[channel]["suppressed"]
    assert {message.body.partition(": Earthquake")[0][-2:] for message in sms} == {"en", "fr", "ar"}
    assert house.alert(alert).first_sent_at is not None
    rates = house.sql("SELECT rate FROM providers WHERE name = 'twilio'")
    assert rates and rates[0].rate > 10
