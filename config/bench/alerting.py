"""Sending one alert through Rollcall as it runs in production, for measurements."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from alerts.delivery.models import Delivery
from alerts.delivery.tally import tally
from alerts.lifecycle import services
from alerts.lifecycle.intake import read_alert
from alerts.lifecycle.models import Alert, AlertState
from config.bench.stage import Stage
from registry.database import scoped
from registry.demo import fill
from registry.people.vault import Vault

COUNTRY = "LB"
ELSEWHERE = "FJ"
"""Where a few people are who get the alert that warms everything up."""
TEXT = {"sms": "Earthquake near Tripoli. Leave tall buildings. Wait outside. Next news at 18:00."}

TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "0" * 32,
    "TWILIO_FROM": "+15005550006",
}
"""An account for the sink to believe."""


def fill_registry(stage: Stage, people: int) -> None:
    """Invent `people` in one country, and a few elsewhere."""
    with scoped(stage.organisation.id) as session:
        vault = Vault.open(session, stage.process.keyring, stage.organisation.id)
        for country, count in ((COUNTRY, people), (ELSEWHERE, 10)):
            for _ in fill(session, vault, count, seed=1, countries=[country]):
                pass


@contextmanager
def house(stage: Stage, sink_url: str, workers: int = 1) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Workers and a dispatcher, warm; yields the workers and then the dispatcher."""
    settings = TWILIO | {
        "TWILIO_API_URL": sink_url,
        "REDIS_URL": stage.process.settings.redis_url or "",
    }
    with ExitStack() as stack:
        running = [stack.enter_context(stage.run("worker", settings)) for _ in range(workers)]
        running.append(stack.enter_context(stage.run("dispatcher", settings)))
        for _ in range(2):  # the first may have been sent before every worker was up
            time.sleep(2)
            send_alert(stage, ELSEWHERE)
        yield running


def send_alert(stage: Stage, country: str = COUNTRY) -> Alert:
    """Approve an alert by SMS to a country, and return it once it is sent."""
    alert = approve_alert(stage, country)
    while True:
        with scoped(stage.organisation.id) as session:
            found = session.get_one(Alert, alert.id)
        if found.state is AlertState.SENT:
            return found
        time.sleep(0.1)


def approve_alert(stage: Stage, country: str) -> Alert:
    """Approve an alert by SMS to a country."""
    data = {
        "type": "alert",
        "level": "restriction",
        "crisis": "earthquake",
        "severity": "severe",
        "area": {"countries": [country]},
        "texts": {"en": TEXT, "fr": TEXT, "ar": TEXT},
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


def handed_over(stage: Stage, alert: Alert) -> tuple[int, float]:
    """How many messages of a sent alert the provider took, and the seconds from the approval to the last of them."""
    assert alert.approved_at
    with scoped(stage.organisation.id) as session:
        taken = tally(session, alert)["sms"]["accepted"]
        last = session.scalar(select(func.max(Delivery.accepted_at)).where(Delivery.alert_id == alert.id))
    assert last is not None
    return taken, (last - alert.approved_at).total_seconds()
