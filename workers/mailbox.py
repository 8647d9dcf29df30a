"""Fetching mail from an IMAP mailbox (RFC 3501): what is unread there is taken in, and then read."""

from __future__ import annotations

import imaplib
import logging
import ssl
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from alerts.mailbox.taking import take
from registry.crypto import Keyring

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Mails of one look; the next one follows soon."""
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mail waits for us. On another machine always over TLS."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    tls: bool

    @classmethod
    def of_url(cls, url: str) -> Mailbox:
        """`imap[s]://user:password@host[:port][/folder]`, user and password percent-encoded. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in ("imap", "imaps"):
            raise ValueError("must begin with imap:// or imaps://")
        if not parts.hostname or parts.username is None or parts.password is None:
            raise ValueError("needs a host, a user and a password")
        tls = parts.scheme == "imaps"
        if not tls and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("a password must not leave this machine in the clear: use imaps://")
        port = parts.port or (993 if tls else 143)
        folder = unquote(parts.path.lstrip("/")) or "INBOX"
        return cls(parts.hostname, port, unquote(parts.username), unquote(parts.password), folder, tls)


def fetch_mail(mailbox: Mailbox, keyring: Keyring) -> int:
    """Take in what is unread; return how many mails. One that can't be taken in stays unread, and is tried again."""
    try:
        with _connect(mailbox) as connection:
            return _fetch(connection, mailbox, keyring)
    except (OSError, imaplib.IMAP4.error) as error:
        log.warning("the mailbox can't be read: %s", type(error).__name__)
        return 0


def _connect(mailbox: Mailbox) -> imaplib.IMAP4:
    if mailbox.tls:
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=TIMEOUT)
    return imaplib.IMAP4(mailbox.host, mailbox.port, timeout=TIMEOUT)


def _fetch(connection: imaplib.IMAP4, mailbox: Mailbox, keyring: Keyring) -> int:
    connection.login(mailbox.user, mailbox.password)
    quoted = mailbox.folder.replace("\\", "\\\\").replace('"', '\\"')
    status, _ = connection.select(f'"{quoted}"')
    if status != "OK":
        log.warning("the mailbox has no such folder")
        return 0
    _, found = connection.uid("SEARCH", "UNSEEN")
    numbers = (found[0] or b"").split()[:AT_ONCE]
    count = 0
    for number in numbers:
        _, answer = connection.uid("FETCH", number.decode(), "(BODY.PEEK[])")
        raw = next((part[1] for part in answer if isinstance(part, tuple)), None)
        if raw is None:
            continue
        done = take(keyring, raw)
        connection.uid("STORE", number.decode(), "+FLAGS", r"(\Seen)")
        log.info("a mail came in: %s", done.value)
        count += 1
    return count
