from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, func, select

from alerts.channels.base import UNSUBSCRIBE, Channel, Content, Message, Outcome, Question
from alerts.delivery import reference as references
from alerts.sandbox.channel import SandboxChannel
from alerts.sandbox.models import SandboxMessage
from alerts.sandbox.services import conversation, conversations, find
from registry.crypto import Keyring
from registry.database import SessionFactory, scoped, unscoped
from tests.alerts.responses.making import House, make_house

TEXT = Content("en", "Stay outside.")


@pytest.fixture
def house(database: str, keyring: Keyring) -> House:
    with unscoped() as session:
        return make_house(session, keyring)


def message(
    keyring: Keyring, house: House, number: int, content: Content = TEXT, kind: str = "sms"
) -> Message:
    reference = references.make(keyring.signing_key, house.id, kind, 5, number)
    address = f"+9994{number:07d}" if content.subject is None else f"p{number}@example.org"
    return Message(number, address, content, reference, unsubscribe_url="https://rollcall.example/stop/t")


def count(house: House) -> int:
    with scoped(house.id) as session:
        return session.scalar(select(func.count()).select_from(SandboxMessage)) or 0


def test_each_message_yields_one_result_and_is_kept_once(keyring: Keyring, house: House) -> None:
    channel: Channel = SandboxChannel(keyring, "sms")
    results = list(channel.send(message(keyring, house, number) for number in range(250)))
    assert [result.key for result in results] == list(range(250))
    assert {result.outcome for result in results} == {Outcome.ACCEPTED}
    assert len({result.provider_id for result in results}) == 250
    assert count(house) == 250
    with scoped(house.id) as session:
        last = conversation(session, keyring, house.id, find(session, keyring, house.id, "+99940000249"))[0]
    assert (results[249].provider_id, last.letter.text) == (f"sandbox-{last.number}", "Stay outside.")


def test_what_is_kept_is_sealed(keyring: Keyring, house: House) -> None:
    list(SandboxChannel(keyring, "sms").send([message(keyring, house, 1)]))
    with scoped(house.id) as session:
        row = session.scalars(select(SandboxMessage)).one()
    stored = row.sealed_address + row.sealed_content + row.address_index
    assert b"outside" not in stored
    assert b"9994" not in stored


def test_an_email_shows_each_persons_own_way_to_stop(keyring: Keyring, house: House) -> None:
    letter = Content("fr", f"Restez dehors.\n{UNSUBSCRIBE}", "Séisme", sender="Consulat")
    list(SandboxChannel(keyring, "email").send([message(keyring, house, 1, letter, "email")]))
    with scoped(house.id) as session:
        kept = conversations(session, keyring, house.id)[0]
    assert kept.channel == "email"
    assert (kept.letter.subject, kept.letter.sender, kept.letter.language) == ("Séisme", "Consulat", "fr")
    assert kept.letter.text == "Restez dehors.\nhttps://rollcall.example/stop/t"


def test_it_takes_no_more_than_it_needs(keyring: Keyring, house: House) -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield message(keyring, house, taken)

    results = SandboxChannel(keyring, "sms").send(endless())  # type: ignore[arg-type]
    assert next(iter(results)).outcome is Outcome.ACCEPTED
    assert taken == count(house) <= 100


def test_it_can_be_asked_what_it_holds(keyring: Keyring, house: House) -> None:
    channel = SandboxChannel(keyring, "sms")
    kept, lost = message(keyring, house, 1), message(keyring, house, 2)
    [result] = channel.send([kept])
    since = datetime.now(UTC) - timedelta(minutes=1)
    questions = [
        Question(item.key, item.address, item.content.text, item.reference, since) for item in (kept, lost)
    ]
    forged = Question(3, kept.address, "", "x" * 50, since)
    answers = {answer.key: (answer.taken, answer.provider_id) for answer in channel.ask([*questions, forged])}
    assert answers == {1: (True, result.provider_id), 2: (False, None), 3: (False, None)}


def test_one_batch_may_hold_messages_of_several_organisations(keyring: Keyring, house: House) -> None:
    with unscoped() as session:
        other = make_house(session, keyring, "Embassy of Elbonia")
    batch = [message(keyring, owner, number) for number, owner in enumerate((house, other, house))]
    assert len(list(SandboxChannel(keyring, "sms").send(batch))) == 3
    assert (count(house), count(other)) == (2, 1)


def test_several_threads_may_send_at_once(keyring: Keyring, house: House) -> None:
    channel = SandboxChannel(keyring, "sms")

    def send(start: int) -> None:
        list(channel.send(message(keyring, house, start + number) for number in range(120)))

    threads = [threading.Thread(target=send, args=(1000 * number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(house) == 360


def test_a_reference_that_is_not_ours_is_refused(keyring: Keyring, house: House) -> None:
    [result] = SandboxChannel(keyring, "sms").send([Message(7, "+9994", TEXT, "not ours")])
    assert (result.key, result.outcome) == (7, Outcome.NEVER)


def test_without_the_database_nobody_knows(keyring: Keyring, house: House) -> None:
    channel = SandboxChannel(keyring, "sms")
    item = message(keyring, house, 1)
    engine = SessionFactory.kw["bind"]
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none", connect_args={"connect_timeout": 1})
    SessionFactory.configure(bind=away)
    try:
        [result] = channel.send([item])
        [answer] = channel.ask([Question(1, item.address, "", item.reference, datetime.now(UTC))])
    finally:
        SessionFactory.configure(bind=engine)
        away.dispose()
    assert (result.outcome, answer.taken) == (Outcome.UNKNOWN, None)
    assert count(house) == 0
