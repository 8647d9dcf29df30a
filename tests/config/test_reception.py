"""Slow and strange requests, on real sockets: they hold nobody up."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, closing
from types import SimpleNamespace

from config.edge import MAX_BODY
from config.reception import Answer, Reception
from tests.servers import LiveServer

FORM = b"POST /console/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"


def opened(server: LiveServer, said: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    connection.sendall(said)
    return connection


def told(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer


def test_those_who_send_slowly_keep_no_one_else_from_the_pages(live_server: LiveServer) -> None:
    with ExitStack() as stack:

        def say(said: bytes) -> socket.socket:
            return stack.enter_context(closing(opened(live_server, said)))

        slow = [say(FORM + b"Connection: close\r\nContent-Length: 9\r\n\r\nemail") for _ in range(50)]
        assert b" 503 " in told(say(FORM + b"Content-Length: 9\r\n\r\nemail")), "of one address no more"
        page = told(say(b"GET /console/sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        assert page.startswith(b"HTTP/1.1 200 OK\r\n")
        slow[0].sendall(b"=a@b")
        assert told(slow[0]).startswith(b"HTTP/1.1 400"), "heard out: it lacks the token of a form"
        endless = say(FORM + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        endless.sendall(b"%x\r\n" % (MAX_BODY + 1) + b"x" * (MAX_BODY + 1) + b"\r\n0\r\n\r\n")
        assert told(endless).startswith(b"HTTP/1.1 413")
        strange = b"GET /%00%ff/\xc3\xa9?%ff HTTP/1.1\r\nX-L: caf\xe9\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        assert told(say(strange)).startswith(b"HTTP/1.1 404")
        head = told(say(b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        assert head.startswith(b"HTTP/1.1 200")
        assert head.endswith(b"\r\n\r\n")


class Exchange:
    """As Granian hands a request over, of which `pieces` arrive and then nothing."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.answers: list[Answer] = []

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
        await asyncio.sleep(3600)

    def response_bytes(self, *answer: object) -> None:
        self.answers.append(answer)


def test_what_never_ends_is_given_up_and_what_is_too_much_refused() -> None:
    scope = SimpleNamespace(http_version="2", client="[2001:db8::1]:5", headers={})
    for pieces, status in (((b"x",), 408), ((b"x" * 100,), 503)):
        reception = Reception(None, largest=1000, patience=0.01, held=99)
        exchange = Exchange(*pieces)
        asyncio.run(reception.__rsgi__(scope, exchange))
        assert [answer[0] for answer in exchange.answers] == [status]
        assert (reception._held, reception._sending) == (0, {})
