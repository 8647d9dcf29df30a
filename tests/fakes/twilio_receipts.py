"""The fake's webhooks: signed status callbacks and inbound messages, as Twilio posts them."""

from __future__ import annotations

import asyncio
from collections import Counter
from urllib.parse import parse_qs, urlencode, urlsplit

from twilio.request_validator import RequestValidator

Post = tuple[str, dict[str, str], str | None]  # address, form, signature
Job = list[Post]  # posted in this order


class Postman:
    """Posts webhooks over a few kept-alive connections; `base` replaces their scheme and host."""

    def __init__(self, auth_token: str) -> None:
        self.validator = RequestValidator(auth_token)
        self.base: str | None = None
        self.waiting: asyncio.Queue[Job] = asyncio.Queue()
        self.open_jobs = 0
        self.answered: Counter[int] = Counter()  # HTTP statuses; 0 when nobody answered
        self.tasks = [asyncio.ensure_future(self._work()) for _ in range(6)]

    def post_later(self, job: Job, delay: float) -> None:
        self.open_jobs += 1
        if delay > 0:
            asyncio.get_running_loop().call_later(delay, self.waiting.put_nowait, job)
        else:
            self.waiting.put_nowait(job)

    def sign(self, address: str, form: dict[str, str]) -> str:
        return self.validator.compute_signature(address.partition("#")[0], form)

    async def post(self, address: str, form: dict[str, str], signature: str | None) -> tuple[int, str]:
        """Post once on a connection of its own; the status and body answered."""
        return await _Line().post(self._target(address), form, signature)

    async def _work(self) -> None:
        line = _Line()
        while True:
            job = await self.waiting.get()
            for address, form, signature in job:
                self.answered[await self._insist(line, address, form, signature)] += 1
            self.open_jobs -= 1

    async def _insist(self, line: _Line, address: str, form: dict[str, str], signature: str | None) -> int:
        """Retry as the address asks: #rc=5 for so many times, on failed connections and 5xx."""
        retries = int(parse_qs(urlsplit(address).fragment).get("rc", ["1"])[0])
        status = 0
        for attempt in range(retries + 1):
            try:
                status, _ = await line.post(self._target(address), form, signature)
            except (OSError, EOFError, TimeoutError):
                line.drop()
                status = 0
            if 0 < status < 500:
                break
            await asyncio.sleep(0.05 * 2**attempt)
        return status

    def _target(self, address: str) -> str:
        plain = address.partition("#")[0]
        if not self.base:
            return plain
        path = urlsplit(plain)._replace(scheme="", netloc="").geturl()
        return self.base.rstrip("/") + path


class _Line:
    """One connection, kept alive."""

    def __init__(self) -> None:
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.netloc = ""

    def drop(self) -> None:
        if self.streams:
            self.streams[1].close()
        self.streams = None

    async def post(self, address: str, form: dict[str, str], signature: str | None) -> tuple[int, str]:
        async with asyncio.timeout(60):
            parts = urlsplit(address)
            if parts.netloc != self.netloc:
                self.drop()
            if not self.streams:
                self.netloc = parts.netloc
                self.streams = await asyncio.open_connection(parts.hostname, parts.port or 80)
            reader, writer = self.streams
            body = urlencode(form).encode()
            signed = f"X-Twilio-Signature: {signature}\r\n" if signature else ""
            target = parts._replace(scheme="", netloc="").geturl() or "/"
            writer.write(
                f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: TwilioProxy/1.1\r\n{signed}"
                "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            text = await _read_body(reader, head)
            if "connection: close" in head:
                self.drop()
            return int(head.split(" ", 2)[1]), text


async def _read_body(reader: asyncio.StreamReader, head: str) -> str:
    if "transfer-encoding: chunked" in head:
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
        return body.decode()
    if "content-length:" in head:
        length = int(head.split("content-length:", 1)[1].split("\r\n", 1)[0])
        return (await reader.readexactly(length)).decode()
    return ""
