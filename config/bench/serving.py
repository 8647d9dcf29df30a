"""The web as it runs in production, for measurements."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import click
from twilio.request_validator import RequestValidator

from config.bench.alerting import TWILIO
from config.bench.meter import Servers, tree_cpu
from config.bench.poster import Posted, Prepared, poster
from config.bench.provider import Provider
from config.bench.stage import Stage
from config.listening import free_ports, is_ready

_VALIDATOR = RequestValidator(TWILIO["TWILIO_AUTH_TOKEN"])
SAMPLE = 5000
"""Requests for which the poster's own ceiling is measured."""


@dataclass(frozen=True, slots=True)
class Web:
    """A running `rollcall web`."""

    url: str
    process: subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Served:
    """What a run of requests took, and the processor seconds of each part."""

    posted: Posted
    web: float
    servers: float

    def lines(self) -> Iterator[str]:
        """For people to read."""
        posted, count = self.posted, sum(self.posted.statuses.values())
        yield f"{count:,} answered in {posted.seconds:.1f} s: {posted.rate:,.0f} a second"
        yield "answers by status: " + ", ".join(f"{name} {n:,}" for name, n in posted.statuses.items())
        yield (
            f"time of an answer: {posted.median * 1000:.0f} ms in the median, {posted.p99 * 1000:.0f} ms at the 99th "
            f"percentile, {posted.slowest * 1000:.0f} ms at most"
        )
        parts = {"web": self.web, "PostgreSQL and broker": self.servers, "poster": posted.cpu}
        yield "CPU a request: " + ", ".join(f"{name} {s / count * 1e6:,.0f} µs" for name, s in parts.items())


@contextmanager
def web(stage: Stage, workers: int, settings: Mapping[str, str] | None = None) -> Iterator[Web]:
    """Serve the stage with so many processes until the block ends."""
    port = free_ports(1)[0]
    url = f"http://127.0.0.1:{port}"
    given = {"PUBLIC_URL": url, "PORT": str(port), **(settings or {})}
    with stage.run_module("config.cli", given, "web", "--workers", str(workers)) as process:
        while not is_ready("127.0.0.1", port):
            time.sleep(0.1)
        yield Web(url, process)


def serve(served: Web, servers: Servers, requests: Sequence[Prepared], rate: float, in_flight: int) -> Served:
    """Post these requests and see what they take."""
    with poster(requests, rate, in_flight) as go:
        web_before, servers_before = tree_cpu(served.process.pid), servers.cpu()
        posted = go()
        return Served(posted, tree_cpu(served.process.pid) - web_before, servers.cpu() - servers_before)


def signed(url: str, form: Mapping[str, str]) -> Prepared:
    """A form as Twilio signs and posts it, of the account in `config.bench.alerting`."""
    headers = (
        "Content-Type: application/x-www-form-urlencoded",
        f"X-Twilio-Signature: {_VALIDATOR.compute_signature(url, form)}",
    )
    return "POST", url, headers, urlencode(form)


def tell_ceiling(sink: Provider, sample: Prepared) -> None:
    """Say how fast the poster is by itself, against a sink that only counts."""
    method, _, headers, body = sample
    with poster([(method, sink.url, headers, body)] * SAMPLE, 0, 50) as go:
        posted = go()
    each = posted.cpu / SAMPLE
    click.echo(f"The poster itself sends at most {1 / each:,.0f} a second on a core.", err=True)
