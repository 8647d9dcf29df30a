"""Email by SMTP."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from threading import Lock

from alerts.channels.base import Answer, Content, Message, Outcome, Question, Result
from alerts.channels.smtp.connection import Connection
from alerts.channels.smtp.crew import AddressError, Crew, Mail
from alerts.channels.smtp.letter import Letter, Sender
from alerts.channels.smtp.server import ascii_address, read_bounces, read_sender, read_url

_CONTENTS = 64  # letters kept built; an alert has one for each language


class SmtpChannel:
    """Hands mail to one server over kept-alive connections, a recipient each. Make it after any fork.

    `url` is `smtp[s]://user:password@host:port`, `mail_from` an address, perhaps with a name. Raises
    ValueError naming the setting at fault. `connections` counts them per `send` call; `timeout` is in seconds
    for each step. With a password, or a server on another machine, STARTTLS is used where it is offered; a
    password never leaves the machine in the clear. `bounces` is the address that bounces go to, with a plus sign and
    the message's reference in it; by default they go to `mail_from`. `tls` replaces the machine's own trust in
    certificates.
    """

    name = "email"
    provider = "smtp"

    def __init__(
        self,
        url: str,
        mail_from: str,
        connections: int = 4,
        timeout: float = 30,
        tls: ssl.SSLContext | None = None,
        bounces: str = "",
    ) -> None:
        self._server = read_url(url)
        self._sender = Sender(*read_sender(mail_from))
        self._bounces = read_bounces(bounces) if bounces else None
        self._size, self._timeout = connections, timeout
        self._context = tls or ssl.create_default_context()
        self._letter = lru_cache(_CONTENTS)(self._build)
        self._idle: list[Connection] = []
        self._closed = False
        self._lock = Lock()

    def send(self, messages: Iterable[Message]) -> Iterator[Result]:
        """See Channel."""
        source = iter(messages)
        crew = Crew(self._size, self._write, self._hire)
        waiting, more = 0, True
        try:
            while more or waiting:
                # One more in hand for each connection, so that none waits for the caller.
                while more and waiting < 2 * self._size and crew.results.empty():
                    message = next(source, None)
                    if more := message is not None:
                        crew.give(message)
                        waiting += 1
                if waiting:
                    result = crew.results.get()
                    waiting -= 1
                    more = more and result.outcome is not Outcome.US
                    yield result
        finally:
            self._take_back(crew.dismiss())

    def ask(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """See Channel. A mail server tells nobody what it holds."""
        return (Answer(question.key, None) for question in questions)

    def close(self) -> None:
        """Close idle connections; those of a call under way close when it ends."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _write(self, message: Message) -> Mail:
        try:
            address = ascii_address(message.address)
        except ValueError as error:
            raise AddressError(str(error)) from error
        return Mail(self._return_path(message), address, self._letter(message.content).write(message))

    def _return_path(self, message: Message) -> str:
        """Where its bounces go: an address of its own, so that they tell by themselves what they are about (variable
        envelope return path)."""
        if self._bounces is None:
            return self._sender.address
        local, domain = self._bounces
        return f"{local}+{message.reference}@{domain}"

    def _build(self, content: Content) -> Letter:
        return Letter(content, self._sender)

    def _hire(self) -> Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return Connection(self._server, self._sender.domain, self._context, self._timeout)

    def _take_back(self, connections: list[Connection]) -> None:
        with self._lock:
            kept = not self._closed
            if kept:
                self._idle += connections
        if not kept:
            for connection in connections:
                connection.close()
