"""The embedded Valkey server (Redis's protocol), the broker: started, or adopted when it still runs."""

import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from redis import Redis
from redis.exceptions import RedisError

from config.embedded.errors import EmbeddedError, disk_full
from config.embedded.place import socket_folder
from config.embedded.process import spawn, stop
from config.embedded.programs import valkey_program

SOCKET_NAME = "valkey.sock"
PATIENCE = 60.0  # seconds
STOP_SIGNALS = ((signal.SIGTERM, 10.0),)
LONGEST_LOG = 5_000_000  # bytes


def kombu_url(redis_url: str) -> str:
    """Spell redis-py's address of a socket (`unix:///path?db=0`) as kombu does; others stay as they are."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"


class Valkey:
    """One server and its folder. Call `start` under the home's lock; then `url` is set."""

    def __init__(self, home: Path) -> None:
        self.url = ""
        self._folder = home / "valkey"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Adopt the live server of this home or start one.

        Raises:
            EmbeddedError: it can't be started.
            OSError: a folder can't be written.
        """
        self._folder.mkdir(mode=0o700, exist_ok=True)
        socket = socket_folder(self._folder, SOCKET_NAME, self._folder / "run.path") / SOCKET_NAME
        self.url = f"unix://{quote(str(socket))}?db=0"
        if self._adoptable():
            return
        if not self._run(socket):
            # The queue may be lost, for the database holds the truth: a broken one must not stop the service.
            self._set_aside()
            if not self._run(socket):
                raise self._failure()

    @property
    def pid(self) -> int | None:
        """The server's process, when it was this object that started it."""
        return self._child.pid if self._child else None

    def alive(self) -> bool:
        """Whether the server runs; cheap enough to ask every second."""
        return self._child.poll() is None if self._child else self._answers()

    def stop(self) -> None:
        """Stop the server when it was this object that started it."""
        if self._child:
            stop(self._child, STOP_SIGNALS)
            self._child = None

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url, socket_timeout=5) as client:
                return bool(client.ping())
        except RedisError:
            return False

    def _adoptable(self) -> bool:
        """Whether a server runs and goes on running: one told to stop answers for a tenth of a second."""
        if not self._answers():
            return False
        time.sleep(0.25)
        return self._answers()

    def _run(self, socket: Path) -> bool:
        """Start the server and wait until it answers; False when it ended instead."""
        log = self._folder / "valkey.log"
        if log.exists() and log.stat().st_size > LONGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            self._child = spawn(
                self._command(socket), death_signal=signal.SIGTERM, output=output, folder=self._folder
            )
        try:
            return self._ready()
        except BaseException:
            self.stop()
            raise

    def _command(self, socket: Path) -> list[str | Path]:
        command: list[str | Path] = [
            valkey_program(),
            "--port",
            "0",
            "--unixsocket",
            socket,
            "--unixsocketperm",
            "700",
        ]
        command += [
            "--dir",
            self._folder,
            "--appendonly",
            "yes",
            "--save",
            "",
            "--maxmemory-policy",
            "noeviction",
        ]
        return [*command, "--daemonize", "no", "--loglevel", "notice"]

    def _ready(self) -> bool:
        assert self._child is not None
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self._answers():
                return True
            if self._child.poll() is not None:
                return False
            time.sleep(0.01)
        raise EmbeddedError(f"Valkey doesn't answer (its log is {self._folder / 'valkey.log'})")

    def _set_aside(self) -> None:
        kept = self._folder / "broken"
        shutil.rmtree(kept, ignore_errors=True)
        queue = self._folder / "appendonlydir"
        if queue.exists():
            queue.rename(kept)

    def _failure(self) -> EmbeddedError:
        log = self._folder / "valkey.log"
        said = [line for line in log.read_text(errors="replace")[-5000:].splitlines() if line.strip()]
        if any("No space left on device" in line for line in said[-10:]):
            return disk_full(self._folder)
        return EmbeddedError(
            f"Valkey didn't start: {said[-1] if said else 'it said nothing'} (its log is {log})"
        )
