"""Sending mail: each reply gets its one treatment; nothing is lost, nothing is sent twice."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from alerts.channels.base import Message, Outcome, Question
from alerts.channels.smtp import SmtpChannel
from tests.alerts.channels.mailing import FROM, WARNING, Mailer, outcomes, send, taken_once
from tests.alerts.channels.making import mails
from tests.fakes.smtp import FakeSmtp


def test_every_mail_arrives_once_over_few_connections(post: FakeSmtp, email: SmtpChannel) -> None:
    before = post.connections()
    results = send(email, 500)
    assert outcomes(results) == {Outcome.ACCEPTED: 500}
    assert taken_once(post) == {f"person{key}@example.org" for key in range(500)}
    assert {mail.sender for mail in post.messages()} == {FROM}
    assert all(mail.parsed["To"] == mail.recipients[0] for mail in post.messages())
    send(email, 20)
    assert post.connections() - before <= 4
    assert results[0].provider_id


@pytest.mark.parametrize(
    ("fault", "code", "text", "outcome"),
    [
        ("rcpt", 450, "4.2.1 Greylisted", Outcome.LATER),
        ("rcpt", 452, "4.2.2 Mailbox full", Outcome.LATER),
        ("rcpt", 550, "5.1.1 <person5@example.org>: no such user", Outcome.NEVER),
        ("rcpt", 501, "5.1.3 Bad address syntax", Outcome.NEVER),
        ("rcpt", 553, "5.1.2 No such domain", Outcome.NEVER),
        ("data", 451, "4.3.0 Try again", Outcome.LATER),
        ("data", 552, "5.2.2 Mailbox full", Outcome.NEVER),
        ("data", 554, "5.0.0 No", Outcome.NEVER),
    ],
)
def test_a_refused_address_spares_the_others(
    post: FakeSmtp, email: SmtpChannel, fault: str, code: int, text: str, outcome: Outcome
) -> None:
    post.behave(fault, code=code, text=text, suffix="5@example.org")
    results = send(email, 60)
    assert outcomes(results) == {Outcome.ACCEPTED: 54, outcome: 6}
    assert results[5].code == f"{code} {text.split()[0]}"
    assert "person" not in results[5].detail
    assert len(taken_once(post)) == 54


@pytest.mark.parametrize(
    ("fault", "code", "text"),
    [
        ("rcpt", 550, "5.7.1 Not allowed"),
        ("data", 550, "5.7.26 Unauthenticated mail"),
        ("rcpt", 554, "Your IP has a poor reputation"),
        ("data", 554, "5.7.1 Rejected"),
        ("data", 552, "5.3.4 Message too big"),
        ("data", 554, "5.6.0 Malformed"),
        ("rcpt", 554, "Client host blocked using dnsbl"),
        ("rcpt", 550, "relaying denied"),
        ("rcpt", 530, "5.7.0 Sign in first"),
        ("rcpt", 535, "5.7.8 Credentials"),
        ("mail", 550, "5.1.8 Sender unknown"),
        ("greet", 554, "No service for you"),
    ],
)
def test_our_own_fault_stops_the_sending(
    post: FakeSmtp, fault: str, code: int, text: str, mailer: Mailer
) -> None:
    post.behave(fault, code=code, text=text)
    channel = mailer(post.url)
    drawn: list[int] = []

    def messages() -> Iterator[Message]:
        for message in mails(500, WARNING):
            drawn.append(message.key)
            yield message

    results = list(channel.send(messages()))
    assert {result.outcome for result in results} == {Outcome.US}
    assert sorted(result.key for result in results) == drawn
    assert len(drawn) <= 8, "no more than were in hand"
    assert post.count() == 0


@pytest.mark.parametrize(
    ("fault", "code"), [("greet", 421), ("mail", 451), ("mail", 421), ("rcpt", 421), ("data", 421)]
)
def test_a_busy_server_is_tried_later(post: FakeSmtp, fault: str, code: int, mailer: Mailer) -> None:
    post.behave(fault, code=code, text="4.7.0 Busy")
    assert outcomes(send(mailer(post.url), 20)) == {Outcome.LATER: 20}
    assert post.count() == 0


@pytest.mark.parametrize("fault", ["close", "reset", "silent"])
@pytest.mark.parametrize("accepted", [True, False])
def test_no_reply_after_the_final_dot_means_nobody_knows(
    post: FakeSmtp, hasty_email: SmtpChannel, fault: str, accepted: bool
) -> None:
    post.behave(fault, accepted=accepted, suffix="17@example.org")
    results = send(hasty_email, 100)
    assert results[17].outcome is Outcome.UNKNOWN
    assert outcomes(results) == {Outcome.ACCEPTED: 99, Outcome.UNKNOWN: 1}
    assert len(taken_once(post)) == (100 if accepted else 99)


def test_a_server_that_hangs_up_before_the_mail_has_not_taken_it(post: FakeSmtp, email: SmtpChannel) -> None:
    post.behave("drop")
    assert outcomes(send(email, 10)) == {Outcome.LATER: 10}
    assert post.count() == 0


def test_a_kept_alive_connection_that_ended_is_replaced(post: FakeSmtp) -> None:
    with closing(SmtpChannel(post.url, FROM, connections=1)) as channel:
        send(channel, 2)
        post.reset()
        post.behave("drop", next=1)
        assert outcomes(send(channel, 20)) == {Outcome.ACCEPTED: 20}
        assert len(taken_once(post)) == 20


@pytest.mark.parametrize(
    "address", ["nobody", "a@b", "a b@example.org", "a@example.org\r\nDATA", "زيد@example.org"]
)
def test_an_address_that_cannot_be_written_to(post: FakeSmtp, email: SmtpChannel, address: str) -> None:
    messages = [Message(1, address, WARNING, "ref"), *mails(1, WARNING)]
    results = {result.key: result.outcome for result in email.send(messages)}
    assert results == {1: Outcome.NEVER, 0: Outcome.ACCEPTED}
    assert post.count() == 1


def test_a_domain_in_another_script_travels_as_idna(post: FakeSmtp, email: SmtpChannel) -> None:
    assert [r.outcome for r in email.send([Message(1, "a@bücher.example", WARNING, "ref")])] == [
        Outcome.ACCEPTED
    ]
    assert post.messages()[0].recipients == ["a@xn--bcher-kva.example"]


def test_takes_no_more_than_fit_in_hand(post: FakeSmtp, email: SmtpChannel) -> None:
    post.behave("slow", latency=0.01)
    drawn = 0

    def messages() -> Iterator[Message]:
        nonlocal drawn
        for message in mails(60, WARNING):
            drawn += 1
            yield message

    for finished, _ in enumerate(email.send(messages())):
        assert drawn - finished <= 8
    assert drawn == 60


def test_a_caller_may_stop_early_and_send_again(post: FakeSmtp, email: SmtpChannel) -> None:
    sending = email.send(mails(100, WARNING))
    next(sending)
    sending.close()  # type: ignore[attr-defined]
    assert post.count() <= 9
    post.reset()
    assert outcomes(send(email, 100)) == {Outcome.ACCEPTED: 100}
    assert len(taken_once(post)) == 100


def test_a_storm_of_faults_loses_and_doubles_nobody(post: FakeSmtp, email: SmtpChannel) -> None:
    for fault in ("close", "reset"):
        post.behave(fault, probability=0.05)
        post.behave(fault, probability=0.05, accepted=True)
    post.behave("rcpt", code=450, probability=0.05)
    post.behave("data", code=451, probability=0.05)
    post.behave("mail", code=421, probability=0.05)
    post.behave("drop", probability=0.05)
    results = send(email, 1500)
    taken = taken_once(post)
    for key, result in results.items():
        if result.outcome is not Outcome.UNKNOWN:
            assert (f"person{key}@example.org" in taken) == (result.outcome is Outcome.ACCEPTED)
    assert set(outcomes(results)) == {Outcome.ACCEPTED, Outcome.LATER, Outcome.UNKNOWN}


def test_a_mail_server_cannot_say_what_it_holds(email: SmtpChannel) -> None:
    question = Question(4, "a@example.org", "text", "ref", datetime.now(UTC))
    assert [(answer.key, answer.taken) for answer in email.ask([question])] == [(4, None)]


def test_each_mail_has_a_return_path_of_its_own(post: FakeSmtp) -> None:
    with closing(SmtpChannel(post.url, FROM, bounces="bounces@alerts.example")) as channel:
        send(channel, 2)
    assert {mail.sender for mail in post.messages()} == {
        f"bounces+ref-{key}.sig@alerts.example" for key in range(2)
    }
    for wrong in ("nobody", "a-very-long-name@alerts.example"):
        with pytest.raises(ValueError, match="MAIL_BOUNCES"):
            SmtpChannel(post.url, FROM, bounces=wrong)
