"""Slow and strange requests, on real sockets: they hold nobody up."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPResponse
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPErrorProcessor, build_opener

import pytest

from config.edge import MAX_BODY
from config.reception import Headers, Reception
from registry.crypto import Keyring
from registry.database import unscoped
from registry.organisations.services import create_organisation
from tests.conftest import MASTER_KEY
from tests.desk import TOKEN
from tests.servers import LiveServer, live

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


@pytest.fixture
def lonely_server(database: str, keyring: Keyring, tmp_path: Path) -> Iterator[LiveServer]:
    """`rollcall web`, with nobody at the address of Redis."""
    with unscoped() as session:
        create_organisation(session, keyring, "Consulate of Freedonia")
    with live(tmp_path, database, "redis://127.0.0.1:1/0", MASTER_KEY) as server:
        yield server


def tries(server: LiveServer, page: str, fields: dict[str, str]) -> list[int]:
    """What a form is answered, sent again and again until it is too often."""
    browser = build_opener(HTTPCookieProcessor(), Patient())
    found: list[int] = []
    while 429 not in found and len(found) < 30:  # a new window may begin meanwhile
        token = TOKEN.search(browser.open(server.url + page).read().decode())
        assert token
        form = urlencode({"csrf_token": token[1], **fields}).encode()
        found.append(browser.open(server.url + page, form).status)
    return found


class Patient(HTTPErrorProcessor):
    """Answers are answers, whatever their status."""

    def http_response(self, _request: object, response: HTTPResponse) -> HTTPResponse:
        return response


def test_limits_hold_without_redis_and_slow_senders_keep_no_one_from_the_pages(
    lonely_server: LiveServer,
) -> None:
    wrong = {"email": "nobody@example.org", "password": "a guess of somebody"}
    *before, last = tries(lonely_server, "/console/sign-in", wrong)
    assert (set(before), last) == ({422}, 429)
    joining = {"channel": "sms", "phone": "+999700123456", "phone_country": "LB", "language": "en"}
    *before, last = tries(lonely_server, "/register/LB", joining)
    assert (set(before), last) == ({303}, 429)
    with ExitStack() as stack:

        def say(said: bytes) -> socket.socket:
            return stack.enter_context(closing(opened(lonely_server, said)))

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
        self.answers: list[tuple[int, Headers, bytes]] = []

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
        with ThreadPoolExecutor(1) as elsewhere:  # a browser's tests leave a loop running in this thread
            elsewhere.submit(asyncio.run, reception.__rsgi__(scope, exchange)).result()
        assert [answer[0] for answer in exchange.answers] == [status]
        assert (reception._held, reception._sending) == (0, {})
