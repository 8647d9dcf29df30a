"""A mail server of our own. In tests: `with FakeSmtp() as mail`; by hand: `python -m tests.fakes.smtp`."""

from __future__ import annotations

import argparse
import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from typing import Any
from urllib.parse import quote

from tests.fakes.certificate import server_context
from tests.fakes.http import Exchange
from tests.fakes.process import FakeServer, announce, parent_gone
from tests.fakes.smtp_session import Post, Session


@dataclass(frozen=True)
class Mail:
    """A mail the fake took."""

    sender: str
    recipients: list[str]
    raw: bytes
    connection: int  # which one it came by, from 1
    secure: bool
    user: str | None

    @cached_property
    def parsed(self) -> EmailMessage:
        found = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found


class FakeSmtp(FakeServer):
    """Faults: see `Session`. `tls` is "", "starttls" or "smtps"; trust its certificate with `trust()`."""

    module = "tests.fakes.smtp"

    def __init__(
        self,
        user: str = "",
        password: str = "",
        tls: str = "",
        pipelining: bool = True,
        max_mails: int = 0,
        max_connections: int = 0,
    ) -> None:
        flags = [] if pipelining else ["--no-pipelining"]
        limits = ["--max-mails", str(max_mails), "--max-connections", str(max_connections)]
        super().__init__("--user", user, "--password", password, "--tls", tls, *limits, *flags)

    def messages(self) -> list[Mail]:
        """Every mail taken, in order."""
        return [
            Mail(
                m["sender"],
                m["recipients"],
                m["raw"].encode("latin-1"),
                m["connection"],
                m["secure"],
                m["user"],
            )
            for m in self.pages()
        ]

    def connections(self) -> int:
        """How many connections there ever were."""
        return int(self.call("/count")["connections"])

    def pipelined(self) -> int:
        """How often commands came before the one before was answered."""
        return int(self.call("/count")["pipelined"])

    def trust(self) -> ssl.SSLContext:
        """A context that trusts this server and no other."""
        return ssl.create_default_context(cadata=self.call("/count")["certificate"])


def act(post: Post, certificate: str, exchange: Exchange) -> dict[str, Any]:
    """Answer the admin path."""
    name = exchange.path.rpartition("/")[2]
    if name == "behave":
        post.rules.add(exchange.json())
    elif name == "reset":
        post.rules.clear()
        post.mails.clear()
        post.pipelined = 0
    elif name == "messages":
        first, limit = (int(exchange.params()[key]) for key in ("offset", "limit"))
        return {"messages": post.mails[first : first + limit]}
    return {
        "count": len(post.mails),
        "connections": post.connections,
        "pipelined": post.pipelined,
        "certificate": certificate,
    }


async def serve(post: Post, port: int, tls: str, with_parent: bool) -> None:
    context, certificate = server_context() if tls else (None, "")
    post.context = context if tls == "starttls" else None
    loop = asyncio.get_running_loop()
    mail = await loop.create_server(
        lambda: Session(post), "127.0.0.1", port, ssl=context if tls == "smtps" else None
    )

    def handle(exchange: Exchange) -> None:
        exchange.answer(200, act(post, certificate, exchange))

    admin = await loop.create_server(lambda: Exchange(handle), "127.0.0.1", 0)
    sign_in = f"{quote(post.user)}:{quote(post.password or '', safe='')}@" if post.user else ""
    scheme = "smtps" if tls == "smtps" else "smtp"
    host = "localhost" if tls else "127.0.0.1"
    announce(
        f"{scheme}://{sign_in}{host}:{mail.sockets[0].getsockname()[1]}",
        f"http://127.0.0.1:{admin.sockets[0].getsockname()[1]}",
    )
    await (parent_gone() if with_parent else mail.serve_forever())


def main() -> None:
    parser = argparse.ArgumentParser(description="A fake mail server. The first line it prints says where.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--tls", choices=["", "starttls", "smtps"], default="")
    parser.add_argument("--no-pipelining", action="store_true")
    parser.add_argument("--max-mails", type=int, default=0, help="on one connection")
    parser.add_argument("--max-connections", type=int, default=0)
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    given = parser.parse_args()
    post = Post(
        given.user or None,
        given.password or None,
        pipelining=not given.no_pipelining,
        max_mails=given.max_mails,
        max_connections=given.max_connections,
    )
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(post, given.port, given.tls, given.with_parent))


if __name__ == "__main__":
    main()
