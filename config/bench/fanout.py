"""How fast an alert leaves: messages a second, CPU a message, memory, and the time to the first message."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click

from alerts.delivery.tally import tally
from alerts.lifecycle import services
from alerts.lifecycle.intake import read_alert
from alerts.lifecycle.models import Alert, AlertState
from config.bench.stage import Stage, cpu_seconds, resident
from registry.database import scoped
from registry.demo import fill
from registry.people.vault import Vault

COUNTRY = "LB"


@dataclass(frozen=True, slots=True)
class Measured:
    """One alert, measured."""

    people: int
    messages: int
    first_after: float
    """Seconds from the approval to the first message's record."""
    last_after: float
    """Seconds from the approval until every message was handed over and recorded."""
    worker_cpu: float
    """Microseconds of the worker a message."""
    worker_memory: int
    """Bytes, at the most."""

    @property
    def rate(self) -> float:
        """Messages a second, from the approval to the last."""
        return self.messages / self.last_after


@contextmanager
def _sink() -> Iterator[str]:
    child = subprocess.Popen([sys.executable, "-m", "config.bench.sink"], stdout=subprocess.PIPE, text=True)
    assert child.stdout
    try:
        yield f"http://127.0.0.1:{child.stdout.readline().strip()}"
    finally:
        child.terminate()
        child.wait()
        child.stdout.close()


def measure_fanout(stage: Stage, people: int) -> Measured:
    """Fill the registry, send one alert by SMS through a sink that speaks Twilio's API, and measure."""
    with scoped(stage.organisation.id) as session:
        vault = Vault.open(session, stage.process.keyring, stage.organisation.id)
        for _ in fill(session, vault, people, seed=1, countries=[COUNTRY]):
            pass
    with ExitStack() as stack:
        settings = {
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": "0" * 32,
            "TWILIO_FROM": "+15005550006",
            "TWILIO_API_URL": stack.enter_context(_sink()),
            "REDIS_URL": stage.process.settings.redis_url or "",
        }
        worker = stack.enter_context(stage.run("worker", settings))
        stack.enter_context(stage.run("dispatcher", settings))
        time.sleep(3)  # both have started; the measurement is of sending
        before = cpu_seconds(worker.pid)
        alert = _wait(stage, _approve(stage))
        counts = tally_of(stage, alert)
        cpu = cpu_seconds(worker.pid) - before
        assert alert.approved_at and alert.first_sent_at and alert.finished_at
        return Measured(
            people,
            counts["accepted"],
            (alert.first_sent_at - alert.approved_at).total_seconds(),
            (alert.finished_at - alert.approved_at).total_seconds(),
            cpu / max(1, counts["accepted"]) * 1e6,
            resident(worker.pid),
        )


def tally_of(stage: Stage, alert: Alert) -> dict[str, int]:
    """The alert's SMS by state."""
    with scoped(stage.organisation.id) as session:
        return tally(session, alert)["sms"]


def _approve(stage: Stage) -> Alert:
    text = {"sms": "Earthquake near Tripoli. Leave tall buildings. Wait outside. Next news at 18:00."}
    data = {
        "type": "alert",
        "level": "restriction",
        "crisis": "earthquake",
        "severity": "severe",
        "area": {"countries": [COUNTRY]},
        "texts": {"en": text, "fr": text, "ar": text},
        "channels": ["sms"],
        "expires_at": (datetime.now(UTC) + timedelta(hours=6)).isoformat(),
    }
    with scoped(stage.organisation.id) as session:
        alert = services.create_draft(session, stage.author, read_alert(data))
        services.submit(session, stage.author, alert)
    with scoped(stage.organisation.id) as session:
        alert = services.get(session, alert.public_id)
        services.approve(session, stage.approver, alert)
    return alert


def _wait(stage: Stage, alert: Alert) -> Alert:
    while True:
        with scoped(stage.organisation.id) as session:
            found = session.get_one(Alert, alert.id)
        if found.state is AlertState.SENT:
            return found
        time.sleep(0.1)


def show(rows: list[Measured]) -> None:
    """A table."""
    click.echo(
        f"{'people':>10} {'messages':>10} {'first':>8} {'last':>8} {'a second':>9} {'CPU':>8} {'memory':>8}"
    )
    for row in rows:
        click.echo(
            f"{row.people:>10,} {row.messages:>10,} {row.first_after:>6.2f} s {row.last_after:>6.1f} s"
            f" {row.rate:>9,.0f} {row.worker_cpu:>5.0f} µs {row.worker_memory / 2**20:>5.0f} MB"
        )
