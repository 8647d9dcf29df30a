"""Threads that hand mail over side by side, one connection each."""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import NamedTuple

from alerts.channels.base import Message, Outcome, Result
from alerts.channels.smtp.connection import BrokenError, Connection
from alerts.channels.smtp.verdicts import Verdict


class Mail(NamedTuple):
    """A message ready to be handed over: its envelope, and its bytes."""

    sender: str
    address: str
    content: bytes


Write = Callable[[Message], Mail]  # raises ValueError when a message has none

_DOWN_SECONDS = 5.0  # a server that could not be reached is not asked again for each of a thousand mails


class Crew:
    """Works for one `send` call. Every message given comes back as one result."""

    def __init__(self, size: int, write: Write, hire: Callable[[], Connection]) -> None:
        self._size, self._write, self._hire = size, write, hire
        self._work: SimpleQueue[Message | None] = SimpleQueue()
        self._connections: list[Connection] = []
        self._threads: list[Thread] = []
        self._down: tuple[float, Verdict] = (0.0, Verdict(Outcome.LATER))
        self.results: SimpleQueue[Result] = SimpleQueue()

    def give(self, message: Message) -> None:
        """Have it sent; its result comes in `results`."""
        self._work.put(message)
        if len(self._threads) < self._size:
            connection = self._hire()
            self._connections.append(connection)
            self._threads.append(Thread(target=self._run, args=(connection,), daemon=True, name="smtp"))
            self._threads[-1].start()

    def dismiss(self) -> list[Connection]:
        """End the threads after the mail they have in hand; their connections, for the next crew."""
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()
        return self._connections

    def _run(self, connection: Connection) -> None:
        while message := self._work.get():
            verdict = self._attempt(connection, message)
            if verdict is None:  # the server wants no more connections, but others have one
                self._work.put(message)
                return
            self.results.put(
                Result(message.key, verdict.outcome, verdict.provider_id, verdict.code, verdict.detail)
            )

    def _attempt(self, connection: Connection, message: Message) -> Verdict | None:
        try:
            mail = self._write(message)
        except AddressError as error:
            return Verdict(Outcome.NEVER, None, str(error))
        except ValueError as error:
            return Verdict(Outcome.US, None, str(error))
        except Exception as error:  # a thread that ends leaves its caller waiting for ever
            return Verdict(Outcome.US, None, f"the mail can't be written: {type(error).__name__}")
        try:
            return self._hand_over(connection, mail)
        except Exception as error:  # nothing that a server may do ends a thread
            connection.close()
            return Verdict(Outcome.UNKNOWN, None, f"unexpected: {type(error).__name__}")

    def _hand_over(self, connection: Connection, mail: Mail) -> Verdict | None:
        """A kept-alive connection may have ended meanwhile: then once more on a new one, without harm."""
        for _ in range(2):
            reused = connection.is_open
            if failure := self._open(connection):
                return None if self._others_open(connection) else failure
            try:
                return connection.hand_over(*mail)
            except BrokenError:
                if not reused:
                    break
        return Verdict(Outcome.LATER, None, "the mail server hung up before it took the mail")

    def _open(self, connection: Connection) -> Verdict | None:
        until, why = self._down
        if not connection.is_open and time.monotonic() < until:
            return why
        failure = connection.open()
        if failure and not self._others_open(connection):
            self._down = (time.monotonic() + _DOWN_SECONDS, failure)
        return failure

    def _others_open(self, connection: Connection) -> bool:
        return any(other.is_open for other in self._connections if other is not connection)


class AddressError(ValueError):
    """The address can't be written to."""
