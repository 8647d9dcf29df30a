"""Fetching mail from an IMAP mailbox (RFC 3501): what is unread there is taken in, and then read."""

from __future__ import annotations

import imaplib
import logging
import ssl

from alerts.mailbox.taking import take
from registry.crypto import Keyring
from workers.mailbox import Mailbox

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Mails of one look; the next one follows soon."""
TIMEOUT = 30.0


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
