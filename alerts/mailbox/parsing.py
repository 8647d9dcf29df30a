"""What an incoming mail is: a bounce (RFC 3464, or what older servers write), somebody's answer, or a machine's talk.

Nothing in a mail is proof but the reference that we signed: in the address that bounces go to (variable envelope return
path), or in the Message-ID that an answer or a bounce names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import getaddresses, parseaddr
from hashlib import sha256
from html import unescape

from alerts.channels.base import Outcome, Receipt
from alerts.channels.smtp.verdicts import of_recipient
from alerts.delivery.reference import Reference, read
from alerts.mailbox.quoting import own_words
from registry.addresses import normalise_email

LARGEST = 10 * 1024 * 1024
"""Bytes; of a larger mail only so much is read."""
MOST_TEXT = 64 * 1024
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{50}")
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_REPLY = re.compile(r"\b([45]\d\d)[ -]")
_MACHINES = re.compile(
    r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)([+@-]|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What became of a mail of ours."""

    reference: Reference
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class MailReply:
    """Somebody's answer. `reference` is None where the mail doesn't prove that it answers one of ours."""

    sender: str
    text: str
    provider_id: str
    reference: Reference | None


def parse(raw: bytes, signing_key: bytes, recipients: Iterable[str] = ()) -> Bounce | MailReply | None:
    """Read a mail; None for what is to be ignored. `recipients` are those of its envelope, where they are known.

    Never raises, whatever the mail holds.
    """
    mail = message_from_bytes(raw[:LARGEST], policy=policy.default)
    try:
        return _parse(mail, raw, signing_key, recipients)
    except (
        LookupError,
        ValueError,
        AttributeError,
        TypeError,
    ):  # the library's own, on headers that nobody can read
        return None


def _parse(
    mail: Message, raw: bytes, signing_key: bytes, recipients: Iterable[str]
) -> Bounce | MailReply | None:
    if mail.get_content_type() == "multipart/report" or _is_from_nobody(mail):
        reference = _first(_named_by_bounce(mail, recipients), signing_key)
        receipt = _receipt(mail) if reference else None
        return Bounce(reference, receipt) if reference and receipt else None
    sender = normalise_email(parseaddr(_header(mail, "From"))[1])
    if sender is None or _is_automatic(mail):
        return None
    answered = (f"{_header(mail, 'In-Reply-To')} {_header(mail, 'References')}",)
    reference = _first(answered, signing_key)
    marked = _header(mail, "Message-ID").strip().encode() or raw[:LARGEST]
    words = own_words(_text(mail))
    return MailReply(sender, words, f"mail:{sha256(marked).hexdigest()[:64]}", reference)


def _header(mail: Message, name: str) -> str:
    return str(mail.get(name, ""))


def _is_from_nobody(mail: Message) -> bool:
    """The null return path (RFC 5321 §4.5.5), as bounces of any kind have it."""
    return _header(mail, "Return-Path").strip() == "<>" or _header(mail, "From").lower().startswith(
        "mailer-daemon"
    )


def _is_automatic(mail: Message) -> bool:
    """A machine's own (RFC 3834 §2, and what machines did before it), or one that we sent ourselves."""
    if _header(mail, "Auto-Submitted").partition(";")[0].strip().lower() not in ("", "no"):
        return True
    if _header(mail, "Precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply"):
        return True
    marks = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "List-Id", "Rollcall-Delivery")
    return any(name in mail for name in marks) or bool(_MACHINES.match(parseaddr(_header(mail, "From"))[1]))


def _named_by_bounce(mail: Message, recipients: Iterable[str]) -> Iterator[str]:
    """Where a bounce may name what it is about, the best first."""
    yield from recipients
    for name in ("Delivered-To", "X-Original-To", "To"):
        yield from (address for _, address in getaddresses([str(value) for value in mail.get_all(name, [])]))
    for part in mail.walk():
        if part is not mail and ("Rollcall-Delivery" in part or "Message-ID" in part):
            yield f"{_header(part, 'Rollcall-Delivery')} {_header(part, 'Message-ID')}"
        elif part.get_content_type() == "text/rfc822-headers":
            yield _decoded(part)
    yield f"{_header(mail, 'In-Reply-To')} {_header(mail, 'References')}"


def _first(texts: Iterable[str], signing_key: bytes) -> Reference | None:
    for text in texts:
        for word in _REFERENCE.findall(text):
            if found := read(signing_key, word):
                return found
    return None


def _receipt(mail: Message) -> Receipt | None:
    """What a bounce says; None when nothing is settled: delayed, delivered, or handed on."""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            for block in blocks if isinstance(blocks, list) else []:
                if isinstance(block, Message) and "Action" in block:
                    return _of_status(block)
            return None
    if mail.get_content_type() == "multipart/report":  # of another kind: that it was read, that it was spam
        return None
    return _of_words(_text(mail))


def _of_status(block: Message) -> Receipt | None:
    if _header(block, "Action").strip().lower() != "failed":
        return None
    status = _STATUS.search(_header(block, "Status"))
    words = _header(block, "Diagnostic-Code").partition(";")[2].strip()
    return _failed(words, status[0] if status else "")


def _of_words(text: str) -> Receipt:
    """An older server's, in prose."""
    return _failed(text[:4000], "")


def _failed(words: str, status: str) -> Receipt:
    """By the reply that the last server gave, or the status by itself; with neither it may have been anything."""
    reply, stated = _REPLY.search(words), _STATUS.search(words)
    code = int(reply[1]) if reply else 0
    status = status or (stated[0] if stated else "")
    if not code:
        code = 550 if status.startswith("5") else 450
    text = words[reply.end() :] if reply else words
    verdict = of_recipient(code, text if _STATUS.match(text) else f"{status} {text}")
    outcome = Outcome.LATER if status.startswith("4") else verdict.outcome
    return Receipt("failed", None, verdict.code, outcome, {"reason": verdict.detail})


def _text(mail: Message) -> str:
    if isinstance(mail, EmailMessage):
        part = mail.get_body(("plain", "html"))
        if part is not None:
            text = _decoded(part)
            return _without_tags(text) if part.get_content_type() == "text/html" else text
    return ""


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload[:MOST_TEXT].decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return payload[:MOST_TEXT].decode("utf-8", "replace")


_QUOTED = re.compile(
    r"<(blockquote|style|script|head)\b.*?(</\1\s*>|\Z)|<div[^>]*gmail_quote.*\Z", re.IGNORECASE | re.DOTALL
)
_BREAK = re.compile(r"<(br|/p|/div|/li|/tr)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


def _without_tags(html: str) -> str:
    return unescape(_TAG.sub("", _BREAK.sub("\n", _QUOTED.sub("", html))))
