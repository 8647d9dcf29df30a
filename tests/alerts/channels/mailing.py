"""Sending mail and counting what became of it."""

from collections import Counter
from collections.abc import Callable

from alerts.channels.base import Content, Outcome, Result
from alerts.channels.smtp import SmtpChannel
from tests.alerts.channels.making import mails
from tests.fakes.smtp import FakeSmtp

WARNING = Content("en", "Earthquake near the capital. Stay outdoors.", "Earthquake")
FROM = "alerts@rollcall.example"
Mailer = Callable[..., SmtpChannel]


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
