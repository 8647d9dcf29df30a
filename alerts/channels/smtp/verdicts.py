"""What a mail server's reply means to us (RFC 5321, enhanced codes of RFC 3463)."""

from __future__ import annotations

import re
from typing import NamedTuple

from alerts.channels.base import Outcome


class Verdict(NamedTuple):
    """A Result without its key."""

    outcome: Outcome
    code: str | None = None
    detail: str = ""  # our own words: the server's may quote the address
    provider_id: str | None = None


_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_QUEUED = re.compile(r"queued as ([A-Za-z0-9.-]{1,80})", re.IGNORECASE)
_AUTH = (530, 534, 535, 538)
_REPUTATION = re.compile(
    r"reputation|black.?list|block.?list|\brbl\b|dnsbl|spam|\bpolicy\b|banned|\bip\b|blocked",
    re.IGNORECASE,
)


def accepted(text: str) -> Verdict:
    """A 250 after the final dot; its queue id, where the server says one."""
    queued = _QUEUED.search(text)
    return Verdict(Outcome.ACCEPTED, provider_id=queued[1] if queued else None)


def of_recipient(code: int, text: str) -> Verdict:
    """A refusal of the recipient or of the message."""
    enhanced = _ENHANCED.match(text)
    status = enhanced[1] if enhanced else ""
    shown = f"{code} {status}".strip()
    if code < 500:
        return Verdict(Outcome.LATER, shown, "the mail server puts it off")
    if code in _AUTH:
        return Verdict(Outcome.US, shown, "the mail server wants other credentials")
    if code == 550 and status.startswith("5.7."):
        return Verdict(Outcome.US, shown, "the mail server refuses our mail by its policy")
    if code == 554 and (status.startswith("5.7.") or _REPUTATION.search(text)):
        return Verdict(Outcome.US, shown, "the mail server refuses our mail for our reputation")
    if status.startswith("5.6.") or status == "5.3.4":  # RFC 3463: the content, or its size
        return Verdict(Outcome.US, shown, "the mail server refuses what we send")
    if (
        "relay" in text.lower()
    ):  # it doesn't send on for us; were it the address, a wrong setting would lose all
        return Verdict(Outcome.US, shown, "the mail server doesn't send on for us")
    return Verdict(Outcome.NEVER, shown, "the mail server refuses this address")


def of_ourselves(code: int, text: str) -> Verdict:
    """A refusal before any recipient was named (greeting, sign-in, sender): it can't be about the address."""
    enhanced = _ENHANCED.match(text)
    shown = f"{code} {enhanced[1]}" if enhanced else str(code)
    if 0 < code < 500:
        return Verdict(Outcome.LATER, shown, "the mail server is busy")
    if code in _AUTH:
        return Verdict(Outcome.US, shown, "the mail server wants other credentials")
    return Verdict(Outcome.US, shown, "the mail server refuses our mail")
