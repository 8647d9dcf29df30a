"""A provider that takes everything: answers Twilio's message resource, and any other GET, over HTTP/1.1, and counts.

Run as a process of its own (`python -m config.bench.sink`), so that its work is not counted as ours.
"""

from __future__ import annotations

import asyncio
import json
import re

BODY = json.dumps({"sid": "SM" + "0" * 32, "status": "queued", "error_code": None, "error_message": None})
TAKEN = f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n{BODY}".encode()
LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")
LATENCY = re.compile(rb"GET /latency/(\d+) ")


class Sink(asyncio.Protocol):
    """One kept-alive connection; requests may come in pieces or several at once."""

    count = 0
    latency = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.waiting = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            found = LENGTH.search(self.waiting, 0, end)
            size = end + 4 + (int(found[1]) if found else 0)
            if len(self.waiting) < size:
                return
            self._answer(self.waiting[:size])
            self.waiting = self.waiting[size:]

    def _answer(self, request: bytes) -> None:
        if request.startswith(b"POST"):
            self._take(TAKEN)
        elif request.startswith(b"GET /kannel"):
            self._take(_text("ok"))
        elif wanted := LATENCY.match(request):
            Sink.latency = int(wanted[1]) / 1000
            self.transport.write(_text("ok"))
        else:
            self.transport.write(_text(str(Sink.count)))

    def _take(self, answer: bytes) -> None:
        Sink.count += 1
        if Sink.latency:
            asyncio.get_running_loop().call_later(Sink.latency, self.transport.write, answer)
        else:
            self.transport.write(answer)


def _text(body: str) -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )


async def serve() -> None:
    """Listen on a free port of this machine, print it, and serve until killed."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
