"""Many HTTP requests at once over libcurl, driven by coroutines and no event loop.

A coroutine awaits a `Request`; the `Driver` carries it out and resumes the coroutine with its `Reply`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Coroutine, Generator, Iterator
from io import BytesIO
from typing import Any, NamedTuple, TypeVar

import pycurl

T = TypeVar("T")
Job = Coroutine["Request", "Reply", T]

_CONNECT_SECONDS = 3
_IDLE_SECONDS = 30  # shorter than any load balancer's, so that a kept-alive connection is seldom dead
_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 0.01  # a caller slower than this over a message waits for transfers in flight


class Request(NamedTuple):
    """One HTTP request; awaiting it gives the `Reply`."""

    method: str
    url: str
    body: bytes
    headers: tuple[str, ...]
    alone: bool = False
    """On a connection of its own: where a GET must not be repeated, for libcurl does so when a kept one has closed."""

    def __await__(self) -> Generator[Request, Reply, Reply]:
        return (yield self)


class Reply(NamedTuple):
    """An HTTP answer, or why there is none: then `status` is 0."""

    status: int
    text: str = ""
    retry_after: float | None = None
    error: str = ""  # libcurl's word for what went wrong; no address in it
    sent: bool = True  # False only when surely nothing of the request left this machine
    date: str = ""  # the Date header (RFC 9110 §6.6.1) of an answer to a GET


class Driver:
    """One set of kept-alive connections. Not for two threads at once."""

    def __init__(self, in_flight: int, timeout: float) -> None:
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, in_flight)
        self._in_flight, self._timeout = in_flight, timeout
        self._idle = [_Handle(timeout) for _ in range(in_flight)]
        self._busy: dict[Any, tuple[_Handle, Job[Any]]] = {}

    def run(self, jobs: Iterator[Job[T]]) -> Iterator[T]:
        """Run the jobs, taking the next only when there is room; yield what each returns."""
        done: deque[T] = deque()
        more = True
        try:
            while more or self._busy or done:
                more = more and self._take(jobs, done)
                self._turn(done, wait=not (more and self._idle))
                while done:
                    yield done.popleft()
        finally:
            self._abandon()

    def close(self) -> None:
        """Close the connections."""
        self._multi.close()

    def _take(self, jobs: Iterator[Job[T]], done: deque[T]) -> bool:
        """Fill the room in flight; False when there are no more jobs."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while self._idle and not done:
            job = next(jobs, None)
            if job is None:
                return False
            self._resume(job, None, done)
            if time.monotonic() > until:
                break
        return True

    def _resume(self, job: Job[T], reply: Reply | None, done: deque[T]) -> None:
        try:
            request = job.send(reply)  # type: ignore[arg-type]  # None starts a coroutine
        except StopIteration as end:
            done.append(end.value)
            return
        handle = self._idle.pop()
        handle.prepare(request)
        self._busy[handle.curl] = handle, job
        self._multi.add_handle(handle.curl)

    def _turn(self, done: deque[T], wait: bool) -> None:
        """Move every transfer on. Wait a moment when none has ended and there is no room for another."""
        self._multi.perform()
        if not self._collect(done) and wait and self._busy and not done:
            self._multi.select(_POLL_SECONDS)
            self._multi.perform()
            self._collect(done)

    def _collect(self, done: deque[T]) -> bool:
        _, succeeded, failed = self._multi.info_read(self._in_flight)
        for curl in succeeded:
            self._finish(curl, None, done)
        for curl, number, _ in failed:
            self._finish(curl, number, done)
        return bool(succeeded or failed)

    def _finish(self, curl: Any, error: int | None, done: deque[T]) -> None:
        handle, job = self._busy.pop(curl)
        reply = handle.reply(error)
        self._multi.remove_handle(curl)
        self._idle.append(handle)
        self._resume(job, reply, done)

    def _abandon(self) -> None:
        """The caller wants no more: drop what is in flight, connections included."""
        for curl, (_, job) in self._busy.items():
            self._multi.remove_handle(curl)
            curl.close()
            job.close()
            self._idle.append(_Handle(self._timeout))
        self._busy.clear()


class _Handle:
    """A reusable easy handle. What stays the same from request to request is not set again."""

    def __init__(self, timeout: float) -> None:
        self.curl = curl = pycurl.Curl()
        self._url = ""
        self._method = ""
        self._headers: tuple[str, ...] = ()
        self._alone = False
        self._date = ""
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        curl.setopt(pycurl.CONNECTTIMEOUT, _CONNECT_SECONDS)
        curl.setopt(pycurl.TIMEOUT_MS, round(timeout * 1000))
        curl.setopt(pycurl.MAXAGE_CONN, _IDLE_SECONDS)
        curl.setopt(pycurl.TCP_KEEPALIVE, 1)
        curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)

    def prepare(self, request: Request) -> None:
        curl = self.curl
        if request.url != self._url:
            self._url = request.url
            curl.setopt(pycurl.URL, request.url)
        if request.method != self._method:
            self._method = request.method
            curl.setopt(pycurl.POST if request.method == "POST" else pycurl.HTTPGET, 1)
            # A call for each line of the head: not where every microsecond of a message counts.
            curl.setopt(pycurl.HEADERFUNCTION, None if request.method == "POST" else self._read_line)
            self._date = ""
        if request.alone != self._alone:
            self._alone = request.alone
            curl.setopt(pycurl.FRESH_CONNECT, int(request.alone))
            curl.setopt(pycurl.FORBID_REUSE, int(request.alone))
        if request.headers != self._headers:
            self._headers = request.headers
            curl.setopt(pycurl.HTTPHEADER, [*request.headers, "Expect:"])
        if request.method == "POST":
            # When a kept-alive connection closes before the answer, libcurl repeats the request by itself,
            # even a POST that may have been taken. A body it can read but not rewind makes it fail instead.
            curl.setopt(pycurl.POSTFIELDSIZE, len(request.body))
            curl.setopt(pycurl.READFUNCTION, BytesIO(request.body).read)
        self._answer = BytesIO()
        curl.setopt(pycurl.WRITEFUNCTION, self._answer.write)

    def reply(self, error: int | None) -> Reply:
        curl = self.curl
        if error is not None:
            words = _ERRORS.get(error, f"libcurl error {error}")
            return Reply(0, error=words, sent=curl.getinfo(pycurl.REQUEST_SIZE) > 0)
        status = curl.getinfo(pycurl.RESPONSE_CODE)
        retry_after = float(curl.getinfo(pycurl.RETRY_AFTER)) if status >= 400 else 0.0
        text = self._answer.getvalue().decode("utf-8", "replace")
        return Reply(status, text, retry_after or None, date=self._date)

    def _read_line(self, line: bytes) -> None:
        if line[:5].lower() == b"date:":
            self._date = line[5:].decode("latin-1").strip()


_ERRORS = {
    pycurl.E_COULDNT_RESOLVE_HOST: "the host name is unknown",
    pycurl.E_COULDNT_CONNECT: "no connection",
    pycurl.E_OPERATION_TIMEDOUT: "no answer in time",
    pycurl.E_SSL_CONNECT_ERROR: "no TLS connection",
    pycurl.E_PEER_FAILED_VERIFICATION: "the TLS certificate is not trusted",
    pycurl.E_GOT_NOTHING: "the connection closed without an answer",
    pycurl.E_SEND_ERROR: "the connection broke",
    pycurl.E_RECV_ERROR: "the connection broke",
    pycurl.E_SEND_FAIL_REWIND: "the connection closed without an answer",
    pycurl.E_PARTIAL_FILE: "the answer was cut short",
    pycurl.E_WRITE_ERROR: "the answer could not be read",
}
