"""Sending mail: each reply gets its one treatment; nothing is lost, nothing is sent twice."""

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime

import pytest

from alerts.channels.base import Content, Message, Outcome, Question, Result
from alerts.channels.smtp import SmtpChannel
from tests.alerts.channels.making import mails
from tests.fakes.smtp import FakeSmtp

WARNING = Content("en", "Earthquake near the capital. Stay outdoors.", "Earthquake")
FROM = "alerts@rollcall.example"


Mailer = Callable[..., SmtpChannel]


@pytest.fixture
def mailer() -> Iterator[Mailer]:
    """Makes channels to any server, and closes them."""
    with ExitStack() as stack:
        yield lambda url, tls=None: stack.enter_context(closing(SmtpChannel(url, FROM, tls=tls)))


def send(channel: SmtpChannel, count: int) -> dict[int, Result]:
    """Send so many; exactly one result for each."""
    results = list(channel.send(mails(count, WARNING)))
    assert sorted(result.key for result in results) == list(range(count))
    return {result.key: result for result in results}


def outcomes(results: dict[int, Result]) -> Counter[Outcome]:
    return Counter(result.outcome for result in results.values())


def taken_once(post: FakeSmtp) -> set[str]:
    found = post.messages()
    assert all(len(mail.recipients) == 1 for mail in found)
    addresses = [mail.recipients[0] for mail in found]
    assert len(addresses) == len(set(addresses)), "someone was told twice"
    return set(addresses)


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


def test_a_kept_alive_connection_that_ended_is_replaced(post: FakeSmtp, email: SmtpChannel) -> None:
    send(email, 20)
    post.reset()
    post.behave("drop", next=2)
    assert outcomes(send(email, 20)) == {Outcome.ACCEPTED: 20}
    assert len(taken_once(post)) == 20


def test_so_many_mails_a_connection_and_no_more(mailer: Mailer) -> None:
    with FakeSmtp(max_mails=7) as post:
        assert outcomes(send(mailer(post.url), 200)) == {Outcome.ACCEPTED: 200}
        assert len(taken_once(post)) == 200
        assert post.connections() >= 200 / 7


def test_fewer_connections_than_we_would_like(mailer: Mailer) -> None:
    with FakeSmtp(max_connections=1) as post:
        channel = mailer(post.url)
        list(channel.send(mails(1, WARNING)))
        post.reset()
        assert outcomes(send(channel, 200)) == {Outcome.ACCEPTED: 200}
        assert len(taken_once(post)) == 200


def test_waits_for_each_reply_where_pipelining_is_not_offered(
    post: FakeSmtp, email: SmtpChannel, mailer: Mailer
) -> None:
    with FakeSmtp(pipelining=False) as plain:
        plain.behave("rcpt", code=550, suffix="5@example.org")
        assert outcomes(send(mailer(plain.url), 100)) == {Outcome.ACCEPTED: 90, Outcome.NEVER: 10}
        assert (len(taken_once(plain)), plain.pipelined()) == (90, 0)
    send(email, 10)
    assert post.pipelined() > 0


def test_signs_in_over_starttls(mailer: Mailer) -> None:
    with FakeSmtp(user="us er", password="p@ss:/%é", tls="starttls") as post:
        channel = mailer(post.url, tls=post.trust())
        assert outcomes(send(channel, 20)) == {Outcome.ACCEPTED: 20}
        assert {(mail.secure, mail.user) for mail in post.messages()} == {(True, "us er")}
        assert {r.outcome for r in mailer(post.url).send(mails(5, WARNING))} == {Outcome.US}


def test_smtps(mailer: Mailer) -> None:
    with FakeSmtp(tls="smtps") as post:
        assert outcomes(send(mailer(post.url, tls=post.trust()), 20)) == {Outcome.ACCEPTED: 20}
        assert {r.outcome for r in mailer(post.url).send(mails(5, WARNING))} == {Outcome.US}


def test_sign_in_refused_is_our_own_fault_and_busy_is_later(mailer: Mailer) -> None:
    with FakeSmtp(user="user", password="secret") as post:
        wrong = mailer(post.url.replace("secret", "wrong"))
        results = list(wrong.send(mails(50, WARNING)))
        assert {(r.outcome, r.code) for r in results} == {(Outcome.US, "535 5.7.8")}
        assert len(results) <= 8
        post.behave("auth", code=454, text="4.7.0 Temporary failure")
        assert outcomes(send(mailer(post.url), 5)) == {Outcome.LATER: 5}
        assert post.count() == 0


def test_a_password_never_leaves_the_machine_in_the_clear(mailer: Mailer) -> None:
    with FakeSmtp(user="user", password="secret") as post:
        elsewhere = mailer(post.url.replace("127.0.0.1", "0.0.0.0"))
        assert {r.outcome for r in elsewhere.send(mails(1, WARNING))} == {Outcome.US}
        assert outcomes(send(mailer(post.url), 1)) == {Outcome.ACCEPTED: 1}


def test_nobody_listening_is_safe_to_try_later(mailer: Mailer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        channel = mailer(f"smtp://127.0.0.1:{free.getsockname()[1]}")
        assert outcomes(send(channel, 100)) == {Outcome.LATER: 100}


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


@pytest.mark.parametrize(
    ("url", "mail_from", "setting"),
    [
        ("http://mail.example", FROM, "SMTP_URL"),
        ("mail.example:25", FROM, "SMTP_URL"),
        ("smtp://", FROM, "SMTP_URL"),
        ("smtp://mail.example:port", FROM, "SMTP_URL"),
        ("smtp://user@mail.example", FROM, "SMTP_URL"),
        ("smtp://mail.example", "nobody", "MAIL_FROM"),
        ("smtp://mail.example", "", "MAIL_FROM"),
    ],
)
def test_wrong_settings_are_named(url: str, mail_from: str, setting: str) -> None:
    with pytest.raises(ValueError, match=f"^{setting}: "):
        SmtpChannel(url, mail_from)
