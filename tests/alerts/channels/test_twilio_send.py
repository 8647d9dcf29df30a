"""Sending through Twilio's API: each answer has one treatment; nothing is lost or sent twice."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from alerts.channels.base import UNSUBSCRIBE, Content, Message, Outcome, Result
from alerts.channels.twilio import TwilioChannel
from tests.alerts.channels.making import TEXT, WARNING, number, texts
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio


def send(channel: TwilioChannel, count: int) -> dict[int, Result]:
    """Send so many; exactly one result for each."""
    results = list(channel.send(texts(count)))
    assert sorted(result.key for result in results) == list(range(count))
    return {result.key: result for result in results}


def outcomes(results: dict[int, Result]) -> Counter[Outcome]:
    return Counter(result.outcome for result in results.values())


def taken_once(twilio: FakeTwilio) -> set[str]:
    numbers = [message.to for message in twilio.messages()]
    assert len(numbers) == len(set(numbers)), "someone was told twice"
    return set(numbers)


def test_every_message_arrives_once_with_all_twilio_needs(twilio: FakeTwilio, sms: TwilioChannel) -> None:
    results = send(sms, 1000)
    assert outcomes(results) == {Outcome.ACCEPTED: 1000}
    messages = {message.to: message for message in twilio.messages()}
    assert taken_once(twilio) == {number(key) for key in range(1000)}
    one = messages[number(7)]
    assert results[7].provider_id == one.sid
    assert (one.body, one.from_, one.validity) == (TEXT, "MG" + "0" * 32, 36_000)
    assert one.status_callback == "https://rollcall.example/webhooks/twilio/receipts/ref-7.sig#rc=5&rp=all"


def test_a_number_as_sender_and_no_receipts(twilio: FakeTwilio) -> None:
    channel = TwilioChannel(twilio.account_sid, twilio.auth_token, "+15005550006", twilio.url)
    assert [result.outcome for result in channel.send(texts(1))] == [Outcome.ACCEPTED]
    (message,) = twilio.messages()
    assert (message.from_, message.status_callback) == ("+15005550006", None)


@pytest.mark.parametrize(("seconds", "asked"), [(-5, 1), (90, 90), (99_999, 36_000)])
def test_validity_stays_within_what_twilio_takes(
    twilio: FakeTwilio, sms: TwilioChannel, seconds: int, asked: int
) -> None:
    list(sms.send([Message(1, number(1), WARNING, "ref", valid_for=seconds)]))
    assert twilio.messages()[0].validity == asked


def test_any_script_and_the_persons_own_address_to_stop(twilio: FakeTwilio, sms: TwilioChannel) -> None:
    content = Content("ar", f"زلزال — ابقوا في الخارج 😀 & 1+1=2% {UNSUBSCRIBE}")
    list(sms.send([Message(1, number(1), content, "ref", unsubscribe_url="https://r.example/u/1")]))
    assert twilio.messages()[0].body == "زلزال — ابقوا في الخارج 😀 & 1+1=2% https://r.example/u/1"


def test_busy_is_tried_later_and_says_when(twilio: FakeTwilio, sms: TwilioChannel) -> None:
    twilio.behave("busy", suffix="3", retry_after=17)
    results = send(sms, 50)
    assert outcomes(results) == {Outcome.ACCEPTED: 45, Outcome.LATER: 5}
    assert (results[3].code, results[3].retry_after) == ("20429", 17.0)
    assert number(3) not in taken_once(twilio)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (21611, Outcome.LATER),
        (21211, Outcome.NEVER),
        (21614, Outcome.NEVER),
        (21265, Outcome.NEVER),
        (21635, Outcome.NEVER),
        (21610, Outcome.OPTED_OUT),
        (21999, Outcome.NEVER),  # unknown, but a 400 with a code: of this message
    ],
)
def test_a_refused_number_spares_the_others(
    twilio: FakeTwilio, sms: TwilioChannel, code: int, outcome: Outcome
) -> None:
    twilio.behave("code", code=code, suffix="05", text="The number +15550000005 is not good")
    results = send(sms, 30)
    assert outcomes(results) == {Outcome.ACCEPTED: 29, outcome: 1}
    assert (results[5].outcome, results[5].code) == (outcome, str(code))
    assert results[5].detail
    assert "555" not in results[5].detail
    assert len(taken_once(twilio)) == 29


def test_a_country_that_is_not_enabled_stops_no_other(twilio: FakeTwilio, sms: TwilioChannel) -> None:
    twilio.behave("code", code=21408, suffix="3")
    found = {result.key: result.outcome for result in sms.send(texts(30))}
    assert set(found.values()) == {Outcome.ACCEPTED, Outcome.COUNTRY} and len(found) == 30


def test_a_number_twilio_finds_invalid(sms: TwilioChannel) -> None:
    messages = [Message(1, "not a number", WARNING, "ref"), Message(2, number(2), WARNING, "ref")]
    assert {result.key: result.outcome for result in sms.send(messages)} == {
        1: Outcome.NEVER,
        2: Outcome.ACCEPTED,
    }


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "code", "code": 20003},
        {"fault": "code", "code": 21606},
        {"fault": "code", "code": 21703},
        {"fault": "status", "status": 401},
        {"fault": "status", "status": 403},
        {"fault": "status", "status": 404},
        {"fault": "status", "status": 302},
        {"fault": "status", "status": 400},
    ],
)
def test_our_own_fault_stops_the_sending(
    twilio: FakeTwilio, sms: TwilioChannel, fault: dict[str, object]
) -> None:
    twilio.behave(**fault)
    drawn: list[int] = []

    def messages() -> Iterator[Message]:
        for message in texts(500):
            drawn.append(message.key)
            yield message

    results = list(sms.send(messages()))
    assert {result.outcome for result in results} == {Outcome.US}
    assert sorted(result.key for result in results) == drawn
    assert len(drawn) <= 20, "no more than were in flight"
    assert twilio.count() == 0


def test_wrong_credentials_are_our_own_fault(twilio: FakeTwilio) -> None:
    channel = TwilioChannel(twilio.account_sid, "wrong", "+15005550006", twilio.url)
    (result,) = channel.send(texts(1))
    assert (result.outcome, result.code) == (Outcome.US, "20003")


@pytest.mark.parametrize("fault", ["close", "reset", "silent", "status"])
@pytest.mark.parametrize("accepted", [True, False])
def test_without_a_plain_answer_nobody_knows(
    twilio: FakeTwilio, hasty_sms: TwilioChannel, fault: str, accepted: bool
) -> None:
    send(hasty_sms, 40)  # warm connections: on these libcurl would repeat a request by itself
    twilio.reset()
    twilio.behave(fault, accepted=accepted, suffix="7", status=503)
    results = send(hasty_sms, 100)
    assert outcomes(results) == {Outcome.ACCEPTED: 90, Outcome.UNKNOWN: 10}
    assert {key for key, result in results.items() if result.outcome is Outcome.UNKNOWN} == set(
        range(7, 100, 10)
    )
    assert len(taken_once(twilio)) == (100 if accepted else 90)


def test_an_unreadable_yes_is_no_certainty(twilio: FakeTwilio, sms: TwilioChannel) -> None:
    twilio.behave("status", status=200, suffix="1")
    assert send(sms, 3)[1].outcome is Outcome.UNKNOWN


def test_nobody_listening_is_safe_to_try_later() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        channel = TwilioChannel("AC1", "token", "+15005550006", url)
        assert outcomes(send(channel, 30)) == {Outcome.LATER: 30}


def test_a_tls_failure_is_safe_to_try_later(post: FakeSmtp) -> None:
    no_tls = post.url.replace("smtp:", "https:")  # greets first, which is no TLS
    channel = TwilioChannel("AC1", "token", "+15005550006", no_tls)
    assert outcomes(send(channel, 2)) == {Outcome.LATER: 2}


def test_a_text_too_long_is_our_own_fault_and_never_leaves(twilio: FakeTwilio, sms: TwilioChannel) -> None:
    results = list(sms.send(texts(100, Content("en", "x" * 1601))))
    assert {(result.outcome, result.code) for result in results} == {(Outcome.US, "21617")}
    assert len(results) <= 20
    assert twilio.count() == 0


def test_takes_no_more_than_fit_in_flight(twilio: FakeTwilio, sms: TwilioChannel) -> None:
    twilio.behave("slow", latency=0.02)
    drawn = 0

    def messages() -> Iterator[Message]:
        nonlocal drawn
        for message in texts(200):
            drawn += 1
            yield message

    for finished, _ in enumerate(sms.send(messages())):
        assert drawn - finished <= 20
    assert drawn == 200


def test_a_caller_may_stop_early_and_send_again(twilio: FakeTwilio, sms: TwilioChannel) -> None:
    twilio.behave("slow", latency=0.05, next=20)
    sending = sms.send(texts(100))
    next(sending)
    sending.close()  # type: ignore[attr-defined]
    twilio.reset()
    assert outcomes(send(sms, 100)) == {Outcome.ACCEPTED: 100}
    assert len(taken_once(twilio)) == 100


def test_several_threads_share_a_channel(twilio: FakeTwilio, sms: TwilioChannel) -> None:
    results: list[Result] = []

    def work(start: int) -> None:
        messages = (Message(key, number(key), WARNING, "ref") for key in range(start, start + 300))
        results.extend(sms.send(messages))

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 1000, 2000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({result.key for result in results}) == len(results) == 900
    assert len(taken_once(twilio)) == 900


def test_a_storm_of_faults_loses_and_doubles_nobody(twilio: FakeTwilio, sms: TwilioChannel) -> None:
    for fault in ("busy", "close", "reset", "status"):
        twilio.behave(fault, probability=0.05, status=500)
        twilio.behave(fault if fault != "busy" else "close", probability=0.05, accepted=True, status=502)
    results = send(sms, 3000)
    taken = taken_once(twilio)
    for key, result in results.items():
        if result.outcome is Outcome.ACCEPTED:
            assert number(key) in taken
        elif result.outcome is Outcome.LATER:
            assert number(key) not in taken
        else:
            assert result.outcome is Outcome.UNKNOWN
    assert all(count > 50 for count in outcomes(results).values())
    assert len(outcomes(results)) == 3
