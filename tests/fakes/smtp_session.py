"""What the fake mail server says on one connection."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import struct
import time
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.rules import Rule, Rules


@dataclass
class Post:
    """The server as a whole: settings, rules, and the mail it took."""

    user: str | None = None
    password: str | None = None
    context: ssl.SSLContext | None = None  # offers STARTTLS with it
    pipelining: bool = True
    max_mails: int = 0  # a connection; 0 for any number
    max_connections: int = 0
    rules: Rules = field(default_factory=Rules)
    mails: list[dict[str, Any]] = field(default_factory=list)
    open: int = 0
    connections: int = 0  # ever
    pipelined: int = 0  # groups of commands that came together


class Session(asyncio.Protocol):
    """Faults by recipient: rcpt, data (refusals); close, reset, silent, slow (after the final dot); drop.

    By sender: mail. At connecting: greet. At signing in: auth.
    """

    def __init__(self, post: Post) -> None:
        self.post = post
        self.buffer = b""
        self.secure = False
        self.greeted = False
        self.login: list[str] | None = None
        self.user: str | None = None
        self.taken = 0
        self.forget()

    def forget(self) -> None:
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self.greeted:  # the same connection, now over TLS
            return
        self.greeted = True
        self.post.open += 1
        self.post.connections += 1
        self.number = self.post.connections
        rule = self.rule("greet", "")
        if self.post.max_connections and self.post.open > self.post.max_connections:
            self.say(421, "4.7.0 Too many connections")
            self.transport.close()
        elif rule:
            self.say(rule.code, rule.text or "No")
            self.transport.close()
        else:
            self.say(220, "fake.example ESMTP")

    def connection_lost(self, exc: Exception | None) -> None:
        self.post.open -= 1

    def say(self, code: int, text: str) -> None:
        *first, last = text.split("\n")
        lines = [f"{code}-{line}\r\n" for line in first] + [f"{code} {last}\r\n"]
        self.transport.write("".join(lines).encode())

    def rule(self, fault: str, address: str) -> Rule | None:
        rules = (rule for rule in self.post.rules.faults if rule.fault == fault)
        return next((rule for rule in rules if rule.applies(address, self.post.rules.dice)), None)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.turn()

    def turn(self) -> None:
        while self.in_data or b"\r\n" in self.buffer:
            if self.in_data:
                if self.buffer.startswith(b".\r\n"):
                    raw, self.buffer = b"", self.buffer[3:]
                else:
                    at = self.buffer.find(b"\r\n.\r\n")
                    if at < 0:
                        return
                    raw, self.buffer = self.buffer[: at + 2], self.buffer[at + 5 :]
                self.in_data = False
                self.receive(raw.replace(b"\r\n..", b"\r\n."))
            else:
                line, self.buffer = self.buffer.split(b"\r\n", 1)
                if self.buffer:
                    self.post.pipelined += 1
                    if not self.post.pipelining and self.login is None:
                        self.say(503, "5.5.0 Improper command pipelining")
                        self.transport.close()
                        return
                self.command(line.decode("utf-8", "replace"))

    def command(self, line: str) -> None:
        if self.login is not None:
            self.signing_in(line)
            return
        verb, _, rest = line.partition(" ")
        method = getattr(self, f"do_{verb.lower()}", None)
        if method:
            method(rest)
        else:
            self.say(500, "5.5.2 Unknown command")

    def do_ehlo(self, _: str) -> None:
        offers = ["fake.example", "SIZE 10485760"]
        offers += ["PIPELINING"] if self.post.pipelining else []
        offers += ["STARTTLS"] if self.post.context and not self.secure else []
        offers += ["AUTH PLAIN LOGIN"] if self.post.user else []
        self.say(250, "\n".join([*offers, "ENHANCEDSTATUSCODES"]))

    def do_starttls(self, _: str) -> None:
        self.say(220, "2.0.0 Go ahead")
        self.upgrading = asyncio.ensure_future(self.upgrade())

    async def upgrade(self) -> None:
        assert self.post.context
        loop = asyncio.get_running_loop()
        try:
            upgraded = await loop.start_tls(self.transport, self, self.post.context, server_side=True)
        except (OSError, ssl.SSLError):
            return
        assert isinstance(upgraded, asyncio.Transport)
        self.transport, self.secure = upgraded, True

    def do_auth(self, rest: str) -> None:
        how, _, first = rest.partition(" ")
        self.login = [how.upper()]
        if first:
            self.signing_in(first)
        else:
            self.say(334, base64.b64encode(b"Username:").decode() if how.upper() == "LOGIN" else "")

    def signing_in(self, line: str) -> None:
        assert self.login
        self.login.append(base64.b64decode(line).decode())
        if self.login[0] == "LOGIN" and len(self.login) == 2:
            self.say(334, base64.b64encode(b"Password:").decode())
            return
        given = self.login[1:] if self.login[0] == "LOGIN" else self.login[1].split("\0")[1:]
        self.login = None
        rule = self.rule("auth", given[0])
        if rule:
            self.say(rule.code, rule.text or "Not now")
        elif given == [self.post.user, self.post.password]:
            self.user = given[0]
            self.say(235, "2.7.0 Welcome")
        else:
            self.say(535, "5.7.8 Wrong user or password")

    def do_mail(self, rest: str) -> None:
        address = rest.partition("<")[2].partition(">")[0]
        rule = self.rule("mail", address)
        if self.post.max_mails and self.taken >= self.post.max_mails:
            self.say(421, "4.7.0 Too many mails on this connection")
            self.transport.close()
        elif rule:
            self.say(rule.code, rule.text or "Sender refused")
        elif self.post.user and not self.user:
            self.say(530, "5.7.0 Sign in first")
        elif self.sender is not None:
            self.say(503, "5.5.1 Nested MAIL")
        else:
            self.sender = address
            self.say(250, "2.1.0 Ok")

    def do_rcpt(self, rest: str) -> None:
        address = rest.partition("<")[2].partition(">")[0]
        rule = self.rule("rcpt", address)
        if self.sender is None:
            self.say(503, "5.5.1 MAIL first")
        elif rule:
            self.say(rule.code, rule.text or f"5.1.1 <{address}>: No such user")
        else:
            self.recipients.append(address)
            self.say(250, "2.1.5 Ok")

    def do_data(self, _: str) -> None:
        if self.sender is None or not self.recipients:
            self.say(554, "5.5.1 No valid recipients")
        elif self.rule("drop", self.recipients[0]):
            self.transport.close()
        else:
            self.in_data = True
            self.say(354, "End with a dot")

    def receive(self, raw: bytes) -> None:
        address = self.recipients[0]
        for fault in ("data", "close", "reset", "silent", "slow"):
            if rule := self.rule(fault, address):
                break
        if not rule or rule.accepted or rule.fault == "slow":
            self.taken += 1
            self.post.mails.append({
                "sender": self.sender, "recipients": self.recipients, "raw": raw.decode("latin-1"),
                "connection": self.number, "secure": self.secure, "user": self.user, "at": time.time(),
            })  # fmt: skip
        self.forget()
        if not rule:
            self.say(250, f"2.0.0 Ok: queued as {len(self.post.mails):X}")
        elif rule.fault == "slow":
            asyncio.get_running_loop().call_later(rule.latency, self.say, 250, "2.0.0 Ok")
        elif rule.fault == "data":
            self.say(rule.code, rule.text or "Refused")
        elif rule.fault == "close":
            self.transport.close()
        elif rule.fault == "reset":
            linger = struct.pack("ii", 1, 0)
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.transport.abort()

    def do_rset(self, _: str) -> None:
        self.forget()
        self.say(250, "2.0.0 Ok")

    def do_noop(self, _: str) -> None:
        self.say(250, "2.0.0 Ok")

    def do_quit(self, _: str) -> None:
        self.say(221, "2.0.0 Bye")
        self.transport.close()
