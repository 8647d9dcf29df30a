"""`rollcall bench scale`: the same alert to few and to many: time to the first, rate, memory, and more workers."""

from __future__ import annotations

from dataclasses import dataclass

import click

from config.bench.alerting import fill_registry, handed_over, house, send_alert
from config.bench.meter import Servers, resident, tree_cpu
from config.bench.provider import provider
from config.bench.stage import Stage


@dataclass(frozen=True, slots=True)
class Measured:
    """One alert, measured."""

    people: int
    workers: int
    messages: int
    first_after: float
    """Seconds from the approval to the first message's record."""
    last_after: float
    """Seconds from the approval to the last message's record."""
    worker_cpu: float
    """Microseconds of the workers a message."""
    whole_cpu: float
    """The same with the dispatcher, PostgreSQL and the broker."""
    worker_memory: int
    """Bytes of the largest worker, at the most."""

    @property
    def rate(self) -> float:
        """Messages a second, from the approval to the last."""
        return self.messages / self.last_after


def measure(stage: Stage, people: int, workers: int) -> Measured:
    """Fill the registry, send one alert by SMS through a sink that speaks Twilio's API, and measure."""
    fill_registry(stage, people)
    servers = Servers(stage.database_url, stage.process.settings.redis_url or "")
    with provider() as sink, house(stage, sink.url, workers) as running:
        *crew, dispatcher = (process.pid for process in running)
        books, own = servers.cpu() + tree_cpu(dispatcher), sum(map(tree_cpu, crew))
        alert = send_alert(stage)
        taken, seconds = handed_over(stage, alert)
        own = sum(map(tree_cpu, crew)) - own
        books = servers.cpu() + tree_cpu(dispatcher) - books
        assert alert.approved_at and alert.first_sent_at
        return Measured(
            people,
            workers,
            taken,
            (alert.first_sent_at - alert.approved_at).total_seconds(),
            seconds,
            own / taken * 1e6,
            (own + books) / taken * 1e6,
            max(map(resident, crew)),
        )


def show(rows: list[Measured]) -> None:
    """A table."""
    click.echo(
        f"{'people':>10} {'workers':>8} {'messages':>10} {'first':>8} {'last':>8} {'a second':>9}"
        f" {'worker':>9} {'whole':>9} {'memory':>8}"
    )
    for row in rows:
        click.echo(
            f"{row.people:>10,} {row.workers:>8} {row.messages:>10,} {row.first_after:>6.2f} s"
            f" {row.last_after:>6.1f} s {row.rate:>9,.0f} {row.worker_cpu:>6.0f} µs {row.whole_cpu:>6.0f} µs"
            f" {row.worker_memory / 2**20:>5.0f} MB"
        )
