"""A TCP connection that can die without a word, as behind a firewall that forgets: neither side is told."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from urllib.parse import parse_qs, unquote, urlsplit


class Proxy:
    """Listens on a free port of this machine and carries every connection to a Redis server."""

    def __init__(self, redis_url: str) -> None:
        self._target = urlsplit(redis_url)
        self._dead = threading.Event()
        self._epoch = 0
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"redis://127.0.0.1:{self._listening.getsockname()[1]}/{_database(self._target.query)}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Carry nothing any more, on connections old and new, and close none."""
        self._epoch += 1
        self._dead.set()

    def mend(self) -> None:
        """Carry new connections again; the old ones stay dead."""
        self._epoch += 1
        self._dead.clear()

    def close(self) -> None:
        """Listen no more."""
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = self._connect()
                for source, target in ((near, far), (far, near)):
                    threading.Thread(
                        target=self._carry, args=(source, target, self._epoch), daemon=True
                    ).start()

    def _connect(self) -> socket.socket:
        if self._target.scheme == "unix":
            far = socket.socket(socket.AF_UNIX)
            far.connect(unquote(self._target.path))
            return far
        return socket.create_connection((self._target.hostname or "127.0.0.1", self._target.port or 6379))

    def _carry(self, source: socket.socket, target: socket.socket, epoch: int) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self._dead.is_set() and epoch == self._epoch:
                    target.sendall(data)
        if epoch == self._epoch and not self._dead.is_set():
            for end in (source, target):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)


def _database(query: str) -> str:
    return parse_qs(query).get("db", ["0"])[0]
