"""The address of a mailbox. Settings read it, so what fetches from it (`workers.fetching`) is apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit


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
