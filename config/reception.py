"""Takes requests from Granian whole, and only then gives each a thread: who sends slowly holds a socket and no more.

Granian's WSGI reads a body within the thread that is to answer it, so that sixteen slow senders would stop every page.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

IN_MEMORY = 1024 * 1024
"""Bytes of a body; what is larger waits in a file without a name."""
KEPT_BACK = {"content-length", "transfer-encoding"}
"""Headers of the way here: the application gets the body whole."""

PIECE = 64 * 1024
"""Bytes of a long answer that are made at a time."""

Headers = list[tuple[str, str]]


class Scope(Protocol):
    """What Granian's interface (RSGI 1.x) tells of a request."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None

    @property
    def headers(self) -> Any:
        """A mapping of lower-case names; `items` has each as often as it came."""


class Exchange(Protocol):
    """One request's body, in pieces as they arrive, and the way to answer it."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer."""

    def response_stream(self, status: int, headers: Headers) -> Any:
        """Begin an answer; what comes back has `send_bytes`, to be awaited, which raises once nobody reads any more."""


class Refused(Exception):  # noqa: N818
    """A request that isn't heard out, and the answer that it gets."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Reception:
    """A WSGI application as Granian calls it by RSGI."""

    def __init__(
        self,
        app: WSGIApplication,
        *,
        largest: int,
        threads: int = 16,
        patience: float = 20.0,
        pace: int = 1024,
        senders: int = 1000,
        of_one: int = 50,
        held: int = 256 * 1024 * 1024,
    ) -> None:
        """A body may take `patience` seconds and one more for each `pace` bytes.

        `senders` bodies may be under way at a time, `of_one` from one address, with `held` bytes in all; `largest` is
        how much of one is read: whether it is too large, the application says.
        """
        self._app = app
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._largest, self._patience, self._pace = largest, patience, pace
        self._senders, self._of_one, self._most_held = senders, of_one, held
        self._sending: Counter[str] = Counter()
        self._held = 0

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Called for each request."""
        with SpooledTemporaryFile(IN_MEMORY) as body:
            size = 0
            try:
                size = await self._receive(scope, exchange, body)
                body.seek(0)
                await self._answer(exchange, environment(scope, body, size))
            except Refused as refused:
                plain = [("Content-Type", "text/plain"), ("Connection", "close"), ("Retry-After", "30")]
                exchange.response_bytes(refused.status, plain, f"{refused}\n".encode())
            finally:
                self._held -= size

    async def _receive(self, scope: Scope, exchange: Exchange, body: IO[bytes]) -> int:
        """Write the body to a file; return its bytes, which count as held. Raises Refused."""
        if scope.http_version.startswith("1") and not any(name in scope.headers for name in KEPT_BACK):
            return 0
        size = 0
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            with self._counted(_address(scope.client)):
                async with asyncio.timeout(self._patience) as limit:
                    async for piece in exchange:
                        size += len(piece)
                        self._held += len(piece)
                        if self._held > self._most_held:
                            raise Refused(503, "Too much is being sent here just now.")
                        body.write(piece)
                        if size > self._largest:
                            break
                        limit.reschedule(began + self._patience + size / self._pace)
        except BaseException as error:
            self._held -= size
            if isinstance(error, TimeoutError):
                raise Refused(408, "The request did not arrive in time.") from None
            raise
        return size

    @contextmanager
    def _counted(self, address: str) -> Iterator[None]:
        if self._sending.total() >= self._senders or self._sending[address] >= self._of_one:
            raise Refused(503, "Too many are sending here just now.")
        self._sending[address] += 1
        try:
            yield
        finally:
            self._sending[address] -= 1
            if not self._sending[address]:
                del self._sending[address]

    async def _answer(self, exchange: Exchange, environ: WSGIEnvironment) -> None:
        """At once where it is ready; else in pieces, each when Granian has taken the one before, and the application is
        told when whoever reads breaks off."""
        loop = asyncio.get_running_loop()
        status, headers, pieces, rest = await loop.run_in_executor(self._threads, self._ask, environ)
        if rest is None:
            exchange.response_bytes(status, headers, pieces)
            return
        try:
            out = exchange.response_stream(status, headers)
            while pieces:
                await out.send_bytes(pieces)
                pieces = await loop.run_in_executor(self._threads, _some, rest)
        except ProtocolClosed:
            pass
        finally:
            await loop.run_in_executor(self._threads, rest.close)

    def _ask(self, environ: WSGIEnvironment) -> tuple[int, Headers, bytes, Rest | None]:
        """In a thread: the application's answer, whole, or its beginning and the rest."""
        begun: list[tuple[int, Headers]] = []

        def start(status: str, headers: Headers, _error: object = None) -> Any:
            begun[:] = [(int(status.split(" ", 1)[0]), headers)]

        start_response: StartResponse = start
        rest = Rest(self._app(environ, start_response))
        try:
            first = _some(rest)
        except BaseException:
            rest.close()
            raise
        status, headers = begun[0]
        if rest.over:
            rest.close()
        return status, headers, first, None if rest.over else rest


class Rest:
    """What an application has still to say, as WSGI gives it."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._whole, self.pieces, self.over = pieces, iter(pieces), False

    def close(self) -> None:
        """Tell the application that nobody listens any more."""
        if close := getattr(self._whole, "close", None):
            close()


def _some(rest: Rest) -> bytes:
    """The next piece of an answer, empty when there is none."""
    found, size = [], 0
    for piece in rest.pieces:
        found.append(piece)
        size += len(piece)
        if size >= PIECE:
            break
    else:
        rest.over = True
    return b"".join(found)


def environment(scope: Scope, body: IO[bytes], size: int) -> WSGIEnvironment:
    """The request as WSGI (PEP 3333) tells of it."""
    name, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": _address(scope.client),
        "CONTENT_LENGTH": str(size),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for header, value in scope.headers.items():
        # An underscore would pass for a hyphen, and so for a header that only a proxy may set.
        if "_" in header or header in KEPT_BACK:
            continue
        key = "CONTENT_TYPE" if header == "content-type" else f"HTTP_{header.upper().replace('-', '_')}"
        separator = "; " if header == "cookie" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    if scope.authority:  # HTTP/2 has this in place of a Host header (RFC 9113 §8.3.1)
        environ.setdefault("HTTP_HOST", scope.authority)
    return environ


def _address(client: str) -> str:
    """A peer's address without its port."""
    return client.rpartition(":")[0].strip("[]")
