"""Reconciling: asking Twilio whether it already holds a message."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.channels.base import UNSUBSCRIBE, Content, Message, Question
from alerts.channels.twilio import TwilioChannel
from tests.alerts.channels.making import TEXT, WARNING, number, texts
from tests.fakes.twilio import FakeTwilio

NOW = timedelta()


def question(key: int, text: str = TEXT, ago: timedelta = NOW) -> Question:
    return Question(key, number(key), text, f"ref-{key}.sig", datetime.now(UTC) - ago)


def asked(channel: TwilioChannel, *questions: Question) -> dict[int, bool | None]:
    answers = list(channel.ask(questions))
    assert len(answers) == len(questions)
    return {answer.key: answer.taken for answer in answers}


def test_after_lost_answers_it_tells_the_taken_from_the_others(
    twilio: FakeTwilio, sms: TwilioChannel
) -> None:
    twilio.behave("close", accepted=True, suffix="1")
    twilio.behave("close", accepted=False, suffix="2")
    list(sms.send(texts(100)))
    twilio_held = {message.to: message.sid for message in twilio.messages()}
    answers = {answer.key: answer for answer in sms.ask([question(key) for key in range(100)])}
    assert len(answers) == 100
    for key, answer in answers.items():
        assert answer.taken is (key % 10 != 2)
        assert answer.provider_id == twilio_held.get(number(key))


def test_the_same_text_of_an_earlier_alert_is_not_this_one(twilio: FakeTwilio, sms: TwilioChannel) -> None:
    list(sms.send(texts(1)))
    assert asked(sms, question(0, ago=-timedelta(minutes=1))) == {0: False}
    assert asked(sms, question(0, ago=timedelta(minutes=1))) == {0: True}


@pytest.mark.parametrize("twilio_ahead", [-3600, 3600])
@pytest.mark.parametrize("database_ahead", [-3600, 3600])
def test_clocks_an_hour_off_hide_no_message_and_show_no_other(
    twilio: FakeTwilio, sms: TwilioChannel, twilio_ahead: int, database_ahead: int
) -> None:
    ahead = timedelta(seconds=database_ahead)
    twilio.set_clock(twilio_ahead)
    list(sms.send(texts(1)))
    for ago, taken in ((timedelta(seconds=1), True), (-timedelta(minutes=1), False)):
        claimed_at = datetime.now(UTC) + ahead - ago
        found = Question(0, number(0), TEXT, "ref-0.sig", claimed_at, ahead)
        assert asked(sms, found) == {0: taken}


def test_another_text_to_the_same_number_is_not_this_one(sms: TwilioChannel) -> None:
    list(sms.send(texts(1)))
    assert asked(sms, question(0, "All clear.")) == {0: False}


def test_finds_a_text_that_twilio_straightened_or_that_holds_a_personal_address(sms: TwilioChannel) -> None:
    straight = Content("en", "Don't use lifts - stay out.")
    personal = Content("en", f"Stay out. Stop: {UNSUBSCRIBE} Thanks.")
    messages = [
        Message(1, number(1), straight, "a"),
        Message(2, number(2), personal, "b", unsubscribe_url="https://r.example/u/2"),
    ]
    list(sms.send(messages))
    assert asked(sms, question(1, "Don’t use lifts – stay out. "), question(2, personal.text)) == {
        1: True,
        2: True,
    }


def test_pages_through_a_number_with_many_messages(sms: TwilioChannel) -> None:
    other = Content("en", "Another text")
    list(sms.send([Message(1, number(1), WARNING, "a")]))
    list(sms.send(Message(1, number(1), other, "b") for _ in range(120)))
    assert asked(sms, question(1, "Never sent")) == {1: False}
    assert asked(sms, question(1)) == {1: True}


def test_an_ailing_twilio_cannot_say(twilio: FakeTwilio, hasty_sms: TwilioChannel) -> None:
    list(hasty_sms.send(texts(40)))
    twilio.behave("status", status=500, suffix="1", lists=True)
    twilio.behave("busy", suffix="2", lists=True)
    twilio.behave("close", suffix="3", lists=True)
    twilio.behave("silent", suffix="4", lists=True)
    answers = asked(hasty_sms, *[question(key) for key in range(40)])
    for key, taken in answers.items():
        assert taken is (None if key % 10 in (1, 2, 3, 4) else True)
