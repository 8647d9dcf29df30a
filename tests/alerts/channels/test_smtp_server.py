"""Mail servers of all kinds: their limits, their locks, and settings that name them."""

import socket

import pytest

from alerts.channels.base import Outcome
from alerts.channels.smtp import SmtpChannel
from tests.alerts.channels.mailing import FROM, WARNING, Mailer, outcomes, send, taken_once
from tests.alerts.channels.making import mails
from tests.fakes.smtp import FakeSmtp


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
