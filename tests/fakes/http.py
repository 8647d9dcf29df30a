"""A small, fast HTTP/1.1 server: keep-alive, one request at a time on a connection, answers when it likes."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

PHRASES = {status.value: status.phrase for status in HTTPStatus}


class Exchange(asyncio.Protocol):
    """One connection; `head`, `path`, `query` and `body` are those of the request being answered."""

    def __init__(self, handle: Callable[[Exchange], None]) -> None:
        self.handle = handle
        self.buffer = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        at = head.find(b"\r\ncontent-length:")
        length = int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.buffer) < end + 4 + length:
            return
        self.head = self.buffer[:end]
        self.body = self.buffer[end + 4 : end + 4 + length]
        self.buffer = self.buffer[end + 4 + length :]
        self.method, target, _ = self.head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        self.path, _, self.query = target.partition("?")
        self.handle(self)

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def params(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def json(self) -> Any:
        return json.loads(self.body)

    def answer(self, status: int, body: Any, headers: str = "", kind: str = "application/json") -> None:
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        top = (
            f"HTTP/1.1 {status} {PHRASES.get(status, 'Unknown')}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(content)}\r\n{headers}\r\n"
        )
        self.transport.write(top.encode() + content)

    def close(self) -> None:
        self.transport.close()

    def reset(self) -> None:
        """Break the connection so that the other side sees ECONNRESET."""
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()
