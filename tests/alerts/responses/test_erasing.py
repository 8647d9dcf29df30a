from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from alerts.conversation.hearing import Heard, hear
from alerts.conversation.texts import say
from alerts.responses.erasing import MOST_TRIES, Step
from alerts.responses.models import Meaning, Reply
from alerts.responses.receiving import Received, receive
from alerts.responses.storing import Inbound
from alerts.sandbox.models import SandboxMessage
from alerts.sandbox.services import Letter, keep
from registry.audit.models import AuditEntry
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.database.session import set_scope
from registry.notices.services import queue
from registry.people.confirmation import send_code
from registry.people.links import new_link
from registry.people.models import Person
from tests.alerts.responses.making import PHONE, House, make_alert, make_house, make_person
from tests.desk import new_desk, text_of

pytestmark = pytest.mark.usefixtures("database")
LEFT = (
    "people", "person_keys", "contact_points", "stays", "reach", "person_links", "contact_codes", "notices", "replies",
    "sandbox_messages", "import_addresses", "checkins", "cases", "dialogues",
)  # fmt: skip


def send(keyring: Keyring, words: str, sid: str) -> Received:
    with unscoped() as session:
        return receive(session, keyring, Inbound(PHONE, words, sid))


def answer(keyring: Keyring, words: str, sid: str) -> Heard:
    with unscoped() as session:
        return hear(session, keyring, Inbound(PHONE, words, sid))


def registered(keyring: Keyring, *names: str, language: str = "en") -> list[House]:
    with unscoped() as session:
        houses = [make_house(session, keyring, name) for name in names]
        for house in houses:
            set_scope(session, house.id)
            make_person(session, house, language=language)
    return houses


def test_a_word_and_then_a_code_erase_everywhere(keyring: Keyring) -> None:
    houses = registered(keyring, "One", "Two", language="ar")
    with scoped(houses[0].id) as session:
        person = session.scalars(select(Person)).one()
        make_alert(session, houses[0], person)
        new_link(session, person)
        send_code(session, houses[0].vault, keyring.signing_key, person.contacts[0])
        queue(session, houses[0].vault, person.contacts[0], None, "Hello", valid_for=timedelta(hours=1))
        keep(session, keyring, houses[0].id, "sms", [Letter(PHONE, "Hello")])
    send(keyring, "2", "SM0")
    asked = answer(keyring, "محو", "SM1")
    [code] = re.findall(r"\d{4}", asked.answers[0])
    done = answer(keyring, f"محو {code}", "SM2")
    assert done.erased
    assert done.answers == (say("ar", "erase_done"),)
    for house in houses:
        with scoped(house.id) as session:
            for table in LEFT:
                assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
            assert session.scalars(
                select(AuditEntry.details).where(AuditEntry.action == "person.erased")
            ).one() == {"via": "sms"}
    assert send(keyring, "1", "SM3").language is None


def test_the_code_alone_suffices_and_a_wrong_or_old_one_does_not(keyring: Keyring) -> None:
    house = registered(keyring, "One")[0]
    assert send(keyring, "4821", "SM0").meaning is Meaning.OTHER, "nobody asked"
    asked = send(keyring, "ERASE", "SM1")
    wrong = "1001" if asked.code != "1001" else "1002"
    assert send(keyring, f"erase {wrong}", "SM2").step is Step.WRONG
    assert send(keyring, f"I have {asked.code} things, please help", "SM3").meaning is Meaning.HELP
    with scoped(house.id) as session:
        session.execute(text("UPDATE replies SET received_at = received_at - interval '61 minutes'"))
    assert send(keyring, str(asked.code), "SM4").meaning is Meaning.OTHER, "too late"
    assert send(keyring, f"erase {asked.code}", "SM5").step is Step.WRONG
    again = send(keyring, "erase", "SM6")
    assert send(keyring, str(again.code), "SM7").step is Step.DONE


def test_four_digits_can_not_be_guessed(keyring: Keyring) -> None:
    house = registered(keyring, "One")[0]
    asked = send(keyring, "ERASE", "SM")
    for number in range(MOST_TRIES):
        assert send(keyring, "erase 0998", f"SM{number}").step is Step.WRONG
    assert send(keyring, f"erase {asked.code}", "SM9").step is Step.WRONG
    with scoped(house.id) as session:
        assert session.scalar(select(func.count()).select_from(Reply)) == MOST_TRIES + 2


def test_in_the_sandbox_nothing_is_kept_of_whoever_was_erased(client: FlaskClient, keyring: Keyring) -> None:
    desk = new_desk(client, keyring)
    house = desk.officer.organisation_id
    with scoped(house) as session:
        vault = desk.vault(session)
        make_person(session, House(vault.organisation, vault, desk.officer, desk.officer))
        keep(session, keyring, house, "sms", [Letter(PHONE, "Hello")])
        page = f"/console/sandbox/{vault.keys.blind_index(PHONE).hex()}"
    asked = text_of(desk.send(page, {"text": "ERASE"}))
    code = asked.partition("answer ERASE ")[2][:4]
    assert "All that we held about you is erased" in text_of(desk.send(page, {"text": f"ERASE {code}"}))
    with scoped(house) as session:
        assert session.scalar(select(func.count()).select_from(SandboxMessage)) == 0
        assert session.scalar(select(func.count()).select_from(Person)) == 0
