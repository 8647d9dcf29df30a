"""The mail server's address, and addresses of mailboxes, read from settings and ledger with suspicion."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

# Most addresses: no quoting, no other script. What else is right goes the slow way through the library.
_PLAIN = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+"
)


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over."""

    host: str
    port: int
    tls: bool  # from the first byte (smtps); otherwise STARTTLS where it is offered
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def here(self) -> bool:
        """Whether it is on this machine, so that nobody can listen on the way."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def read_url(url: str) -> Server:
    """`smtp[s]://[user:password@]host[:port]`; user and password percent-encoded. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps"):
        raise ValueError("SMTP_URL: must begin with smtp:// or smtps://")
    if not parts.hostname:
        raise ValueError("SMTP_URL: names no host")
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError("SMTP_URL: the port is no number from 1 to 65535") from error
    if (parts.username is None) != (parts.password is None):
        raise ValueError("SMTP_URL: needs both a user and a password, or neither")
    tls = parts.scheme == "smtps"
    usual = 465 if tls else 587 if parts.username else 25
    user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    return Server(parts.hostname, port or usual, tls, user, password)


def read_sender(mail_from: str) -> tuple[str, str]:
    """MAIL_FROM's display name ("" for none) and address. Raises ValueError."""
    name, address = parseaddr(mail_from)
    try:
        return name, ascii_address(address)
    except ValueError as error:
        raise ValueError(f"MAIL_FROM: {error}") from error


def read_bounces(address: str) -> tuple[str, str]:
    """MAIL_BOUNCES: what stands before and behind the @, with room for a reference (RFC 5321 §4.5.3.1.1: 64 octets).
    Raises ValueError."""
    try:
        local, _, domain = ascii_address(address).rpartition("@")
    except ValueError as error:
        raise ValueError(f"MAIL_BOUNCES: {error}") from error
    if len(local) > 13:
        raise ValueError(
            "MAIL_BOUNCES: at most 13 characters before the @: the address of each mail has 51 more"
        )
    return local, domain


def ascii_address(address: str) -> str:
    """The address as it travels: domains of any script in IDNA. Raises ValueError for what can't."""
    return address if len(address) <= 254 and _PLAIN.fullmatch(address) else _slowly(address)


@lru_cache(256)
def _slowly(address: str) -> str:
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError("not an email address") from error
    if not checked.ascii_email:
        raise ValueError("the part before the @ is not ASCII, which few mail servers take")
    return checked.ascii_email
