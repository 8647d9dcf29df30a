"""A mail built once for all its recipients; what differs is filled in (RFC 5322, 8058)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.header import Header
from email.utils import formatdate, quote
from hashlib import sha256
from html import escape

from alerts.channels.base import Content, Message
from alerts.channels.smtp.encoding import Part
from alerts.channels.smtp.server import ascii_address

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_REFERENCE = re.compile(r"[A-Za-z0-9._~:+/=-]{1,200}")
_WEB_ADDRESS = re.compile(r"https?://[!-;=?-~]{1,800}")  # no space, no < >
_SUBJECT_LENGTH = 78  # where the first line of the text stands in for a subject


@dataclass(frozen=True, slots=True)
class Sender:
    """Who mail comes from."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """Where the address is, in ASCII."""
        return self.address.rpartition("@")[2]


class Letter:
    """One Content in bytes but for the recipient's own lines."""

    def __init__(self, content: Content, sender: Sender) -> None:
        self._domain = sender.domain
        self._text = Part(content.text)
        self._html = Part(content.html) if content.html else None
        # In neither encoding can a line begin with "--=_", so no text can end a part.
        self._boundary = "=_" + sha256(repr(content).encode()).hexdigest()[:24]
        subject = content.subject or content.text.strip().partition("\n")[0][:_SUBJECT_LENGTH]
        head = [
            f"From: {_mailbox(content.sender or sender.name, sender.address)}",
            f"Subject: {_unstructured(subject, 'Subject')}",
            f"Content-Language: {re.sub('[^A-Za-z0-9-]', '', content.language)}",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ]
        self._head = ("\r\n".join(head) + "\r\n").encode("ascii")

    def write(self, message: Message) -> bytes:
        """The mail for one recipient, lines ended by CRLF. Raises ValueError for what isn't safe to send."""
        return (
            self._own_lines(message).encode("ascii") + self._head + self._body(message.unsubscribe_url or "")
        )

    def _own_lines(self, message: Message) -> str:
        if not _REFERENCE.fullmatch(message.reference):
            raise ValueError("the reference is not URL-safe")
        lines = (
            f"Date: {formatdate(usegmt=True)}\r\n"
            f"To: {ascii_address(message.address)}\r\n"
            f"Message-ID: <{message.reference}@{self._domain}>\r\n"
            f"Rollcall-Delivery: {message.reference}\r\n"
        )
        url = message.unsubscribe_url
        if not url:
            return lines
        if not _WEB_ADDRESS.fullmatch(url):
            raise ValueError("the unsubscribe address is not one")
        return f"{lines}List-Unsubscribe: <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"

    def _body(self, url: str) -> bytes:
        text = _part("plain", self._text, url)
        if not self._html:
            return text
        line = f"--{self._boundary}".encode()
        kind = f'Content-Type: multipart/alternative; boundary="{self._boundary}"\r\n\r\n'.encode()
        return b"".join((
            kind, line, b"\r\n", text, b"\r\n", line, b"\r\n",
            _part("html", self._html, escape(url)), b"\r\n", line, b"--\r\n",
        ))  # fmt: skip


def _part(kind: str, part: Part, url: str) -> bytes:
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {part.encoding}\r\n\r\n"
    return head.encode() + part.fill(url)


def _unstructured(text: str, name: str) -> str:
    """A header's text in any script, folded, with nothing in it that could begin another header."""
    plain = _CONTROLS.sub(" ", text).strip()
    if plain.isascii() and len(plain) + len(name) <= 74 and "=?" not in plain:
        return plain
    return Header(plain, "utf-8", header_name=name).encode(linesep="\r\n")


def _mailbox(name: str, address: str) -> str:
    plain = _CONTROLS.sub(" ", name).strip()
    if not plain:
        return address
    if plain.isascii() and len(plain) <= 60 and "=?" not in plain:
        return f'"{quote(plain)}" <{address}>'
    return f"{_unstructured(plain, 'From')}\r\n <{address}>"
