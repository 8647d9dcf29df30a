from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from alerts.channels.base import Answer, Message, Outcome, Question, Result
from alerts.delivery.recording import LONGEST_WAIT
from alerts.outgoing.models import Outgoing, OutgoingState
from alerts.outgoing.services import content_of, note_receipt, send_again, write_to
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.errors import Conflict, Invalid
from registry.people.models import Person
from registry.people.services import erase, opt_out
from tests.alerts.responses.making import House, make_house, make_person
from workers.outgoing import deliver_outgoing
from workers.runtime import WorkerRuntime


@dataclass
class Moody:
    """A provider that answers as it is told, and remembers what it took."""

    outcome: Outcome = Outcome.ACCEPTED
    taken: bool | None = None
    retry_after: float | None = None
    sent: list[Message] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)
    name: str = "sms"
    provider: str = "moody"

    def send(self, messages: Iterable[Message]) -> Iterator[Result]:
        for message in messages:
            self.sent.append(message)
            yield Result(message.key, self.outcome, "m1", retry_after=self.retry_after)

    def ask(self, questions: Sequence[Question]) -> Iterator[Answer]:
        for question in questions:
            self.asked.append(question)
            yield Answer(question.key, self.taken, "m1" if self.taken else None)

    def close(self) -> None:
        pass


@dataclass
class Desk:
    """A house with one person, and the way to them."""

    house: House
    person: Person
    channel: Moody
    runtime: WorkerRuntime

    def write(self, words: str = "We come.", once: uuid.UUID | None = None) -> int:
        with scoped(self.house.id) as session:
            person = session.get_one(Person, self.person.id)
            return write_to(session, self.house.vault, person, words, once or uuid.uuid4()).id

    def row(self, number: int) -> Outgoing:
        with scoped(self.house.id) as session:
            return session.get_one(Outgoing, number)

    def let_time_pass(self) -> None:
        with scoped(self.house.id) as session:
            session.execute(text("UPDATE outgoing SET next_attempt_at = now() - interval '1 second'"))


@pytest.fixture
def desk(database: str, keyring: Keyring) -> Desk:
    with unscoped() as session:
        house = make_house(session, keyring)
        person = make_person(session, house)
    channel = Moody()
    return Desk(house, person, channel, WorkerRuntime(keyring, {"sms": channel}, "http://x.example", {}))


def test_a_message_goes_once_however_often_it_is_asked_for(desk: Desk) -> None:
    once = uuid.uuid4()
    number = desk.write(once=once)
    assert desk.write("Something else.", once) == number
    assert deliver_outgoing(desk.runtime) == 1
    desk.let_time_pass()
    assert deliver_outgoing(desk.runtime) == 0
    assert [message.content.text for message in desk.channel.sent] == ["We come."]
    with scoped(desk.house.id) as session:
        note_receipt(session, number, "delivered", None, None)
        note_receipt(session, number, "failed", "30008", None)
        row = session.get_one(Outgoing, number)
        assert (row.state, row.provider, row.provider_id) == (OutgoingState.DELIVERED, "moody", "m1")
        assert content_of(desk.house.vault, row)["text"] == "We come."
        with pytest.raises(Conflict):
            send_again(session, row.person, row.public_id)


def test_what_was_not_answered_for_is_asked_about_and_never_sent_blindly(desk: Desk) -> None:
    desk.channel.outcome = Outcome.UNKNOWN
    number = desk.write()
    assert deliver_outgoing(desk.runtime) == 1
    desk.let_time_pass()
    assert deliver_outgoing(desk.runtime) == 0
    assert [question.address for question in desk.channel.asked] == ["+999201000001"]
    assert desk.row(number).state is OutgoingState.UNCERTAIN, "an officer decides"
    with scoped(desk.house.id) as session:
        row = session.get_one(Outgoing, number)
        send_again(session, row.person, row.public_id)
    assert deliver_outgoing(desk.runtime) == 1
    desk.channel.taken = True
    desk.let_time_pass()
    assert deliver_outgoing(desk.runtime) == 0
    assert desk.row(number).state is OutgoingState.ACCEPTED
    second = desk.write()
    deliver_outgoing(desk.runtime)
    desk.channel.taken, desk.channel.outcome = False, Outcome.ACCEPTED
    desk.let_time_pass()
    assert deliver_outgoing(desk.runtime) == 1, "surely not taken: it goes again"
    assert desk.row(second).state is OutgoingState.ACCEPTED


def test_what_can_not_go_says_why(desk: Desk) -> None:
    desk.channel.outcome, desk.channel.retry_after = Outcome.LATER, 30 * 24 * 3600.0
    number = desk.write()
    deliver_outgoing(desk.runtime)
    row = desk.row(number)
    assert row.state is OutgoingState.PENDING
    assert row.next_attempt_at <= datetime.now(UTC) + timedelta(seconds=LONGEST_WAIT), "a mistaken date"
    with scoped(desk.house.id) as session:
        person = session.get_one(Person, desk.person.id)
        opt_out(person.contacts[0])
        for words in ("", "x" * 1001, "a\x00b"):
            with pytest.raises(Invalid), session.begin_nested():
                write_to(
                    session,
                    desk.house.vault,
                    make_person(session, desk.house, "+999205"),
                    words,
                    uuid.uuid4(),
                )
        with pytest.raises(Conflict):
            write_to(session, desk.house.vault, person, "Hello", uuid.uuid4())
    desk.let_time_pass()
    assert deliver_outgoing(desk.runtime) == 0
    assert (desk.row(number).state, desk.row(number).code) == (OutgoingState.FAILED, "opted_out")
    with scoped(desk.house.id) as session:
        erase(session, session.get_one(Person, desk.person.id))
        assert session.scalars(select(Outgoing)).all() == []
