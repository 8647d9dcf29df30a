"""The next contact point: when everything that an alert tried of somebody's is dead, once, with a text that fits."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.channels.base import Message, Outcome
from alerts.delivery.following import follow_up
from alerts.delivery.models import DeliveryState as S
from alerts.lifecycle.models import Alert
from registry.crypto import Keyring
from registry.database import scoped
from registry.people.intake import read_person
from registry.people.models import Source
from registry.people.services import register
from registry.people.vault import Vault
from tests.delivery.conftest import House
from tests.delivery.provider import Provider
from tests.delivery.test_ledger import batches, plan
from workers.runtime import WorkerRuntime
from workers.sending import deliver

pytestmark = pytest.mark.delivery
PEOPLE = {
    "ana": ["+999000001", "ana@example.org"],
    "ben": ["+999000002", "+999000003", "ben@example.org"],
    "cyn": ["+999000004"],
    "dan": ["+999000005", "dan@example.org"],
}
NEVER = {1, 2, 4, 5}
"""Of the five phones in their order; ben's second one takes its message."""


def add(house: House, keyring: Keyring) -> None:
    for addresses in PEOPLE.values():
        contacts = [{"channel": "email" if "@" in a else "sms", "address": a} for a in addresses]
        given = {"language": "en", "contacts": contacts, "stays": [{"country": "LB"}]}
        with scoped(house.organisation.id) as session:
            vault = Vault.open(session, keyring, house.organisation.id)
            register(session, vault, read_person(given), Source.OFFICER)
    house.sql("""UPDATE contact_points SET state = 'opted_out' WHERE person_id = (SELECT max(id) FROM people)
                 AND channel = 'email' RETURNING id""")


def follow(house: House) -> int:
    with scoped(house.organisation.id) as session:
        return follow_up(session)


def send(house: House, keyring: Keyring, **channels: Provider) -> None:
    runtime = WorkerRuntime(keyring, channels, "https://rollcall.example", dict.fromkeys(channels))
    for number in batches(house):
        deliver(runtime, number)


def reach(house: House, keyring: Keyring, **changes: Any) -> tuple[Alert, list[Message]]:
    """Send an alert by SMS alone, and then to the next contact points; what went by email."""
    alert = house.approve(channels=["sms"], **changes)
    plan(house, alert)
    mails: list[Message] = []
    sms = Provider(outcome=lambda n: Outcome.NEVER if n in NEVER else Outcome.ACCEPTED)
    email = Provider("email", seen=mails.append)
    send(house, keyring, sms=sms, email=email)
    follow(house)
    send(house, keyring, sms=sms, email=email)
    return alert, mails


def test_a_dead_phone_is_followed_by_the_mail_once(house: House, keyring: Keyring) -> None:
    add(house, keyring)
    alert, mails = reach(house, keyring, texts={"en": {"sms": "Go to the port.\nBoats leave at 6."}})
    assert [mail.address for mail in mails] == ["ana@example.org"]
    assert (mails[0].content.subject or "").endswith("Go to the port.")
    assert "Boats leave at 6." in mails[0].content.text
    assert follow(house) == 0
    assert house.tally(alert)["email"]["accepted"] == 1
    (late,) = house.sql(
        "UPDATE deliveries SET state = :failed WHERE channel = 'sms' AND state = :taken RETURNING contact_point_id",
        failed=int(S.FAILED),
        taken=int(S.ACCEPTED),
    )
    house.sql("UPDATE batches SET failed = failed + 1 WHERE channel = 'sms' RETURNING 1")
    assert follow(house) == 1, f"ben's phone {late} has failed after all: his mail is next"
    assert follow(house) == 0
    assert sum(house.tally(alert)["email"].values()) == 2
    _, again = reach(house, keyring)
    assert {mail.address for mail in again} == {"ana@example.org", "ben@example.org"}, (
        "known to be dead already"
    )
    assert again[-1].content.subject == "en Earthquake", "the alert's own text for email"
