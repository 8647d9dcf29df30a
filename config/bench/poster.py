"""Prepared requests over libcurl, at a steady rate or as fast as they are answered.

`python -m config.bench.poster FILE RATE IN_FLIGHT`: FILE holds a line of JSON for each request, `[method, url, headers,
body]`. It prints "ready", starts when a line comes in, and prints one line of JSON, a `Posted`. A request's time counts
from when it was due at that rate, and not from when there was room for it; RATE 0 sends as soon as there is room.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pycurl

Prepared = tuple[str, str, Sequence[str], str]
"""Method, address, headers, body."""
NO_ANSWER = "none"


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of the requests. Times are in seconds."""

    statuses: dict[str, int]
    seconds: float
    median: float
    p99: float
    slowest: float
    cpu: float
    """Of the poster itself."""

    @property
    def rate(self) -> float:
        """Answers a second, of whatever status."""
        return sum(self.statuses.values()) / self.seconds

    def others(self, good: int) -> int:
        """How many were not answered with this status."""
        return sum(self.statuses.values()) - self.statuses.get(str(good), 0)


@contextmanager
def poster(requests: Sequence[Prepared], rate: float, in_flight: int) -> Iterator[Callable[[], Posted]]:
    """A poster in a process of its own; what it yields starts it, and returns when all are answered."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "requests")
        path.write_text("".join(json.dumps(request) + "\n" for request in requests))
        command = [sys.executable, "-m", "config.bench.poster", str(path), str(rate), str(in_flight)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdin and child.stdout
            stdin, stdout = child.stdin, child.stdout
            stdout.readline()

            def go() -> Posted:
                stdin.write("go\n")
                stdin.flush()
                return Posted(**json.loads(stdout.readline()))

            yield go
            stdin.close()


class _Poster:
    def __init__(self, requests: Sequence[Prepared], rate: float, in_flight: int) -> None:
        self._requests, self._rate = requests, rate
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, in_flight)
        self._idle = [_handle() for _ in range(in_flight)]
        self._due: dict[pycurl.Curl, float] = {}
        self._times: list[float] = []
        self._statuses: Counter[str] = Counter()

    def run(self) -> Posted:
        self._started, cpu = time.perf_counter(), time.process_time()
        begun = 0
        while begun < len(self._requests) or self._due:
            while self._idle and begun < len(self._requests) and self._wait(begun) <= 0:
                self._begin(begun)
                begun += 1
            self._multi.perform()
            if not self._collect():
                wait = self._wait(begun) if self._idle and begun < len(self._requests) else 0.1
                self._multi.select(min(max(wait, 0.0005), 0.1))
        seconds = time.perf_counter() - self._started
        times = sorted(self._times)
        return Posted(
            dict(self._statuses),
            seconds,
            times[len(times) // 2],
            times[len(times) * 99 // 100],
            times[-1],
            time.process_time() - cpu,
        )

    def _wait(self, number: int) -> float:
        """Seconds until a request is due."""
        return self._started + number / self._rate - time.perf_counter() if self._rate else 0.0

    def _begin(self, number: int) -> None:
        method, url, headers, body = self._requests[number]
        curl = self._idle.pop()
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.CUSTOMREQUEST, method)
        curl.setopt(pycurl.HTTPHEADER, [*headers, "Expect:"])
        curl.setopt(pycurl.POSTFIELDS, body)
        self._due[curl] = self._started + number / self._rate if self._rate else time.perf_counter()
        self._multi.add_handle(curl)

    def _collect(self) -> bool:
        _, answered, failed = self._multi.info_read(len(self._due) or 1)
        now = time.perf_counter()
        for curl in [*answered, *(item[0] for item in failed)]:
            self._times.append(now - self._due.pop(curl))
            self._statuses[str(curl.getinfo(pycurl.RESPONSE_CODE) or NO_ANSWER)] += 1
            self._multi.remove_handle(curl)
            self._idle.append(curl)
        return bool(answered or failed)


def _handle() -> pycurl.Curl:
    curl = pycurl.Curl()
    curl.setopt(pycurl.NOSIGNAL, 1)
    curl.setopt(pycurl.TIMEOUT, 60)
    curl.setopt(pycurl.WRITEFUNCTION, BytesIO().write)
    return curl


def _main(path: str, rate: str, in_flight: str) -> None:
    requests = [json.loads(line) for line in Path(path).read_text().splitlines()]
    made = _Poster(requests, float(rate), int(in_flight))
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asdict(made.run())), flush=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])
