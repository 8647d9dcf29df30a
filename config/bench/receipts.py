"""How many delivery receipts are taken in a second beside a running alert, and whether any is refused or lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import click
from sqlalchemy import func, select

from alerts.delivery import reference
from alerts.delivery.models import Delivery, DeliveryState, ReceivedReceipt
from alerts.delivery.tally import tally
from alerts.lifecycle.models import Alert
from config.bench.alerting import TWILIO, fill_registry, house, send_alert
from config.bench.meter import Servers
from config.bench.poster import Prepared
from config.bench.provider import provider
from config.bench.serving import Served, serve, signed, tell_ceiling, web
from config.bench.stage import Stage
from registry.database import scoped, unscoped

IN_FLIGHT = 64
STATUSES = ("sent", "delivered")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the receipts."""

    served: Served
    beside: int
    """Messages of the alert that ran beside, handed over meanwhile."""
    caught_up: float
    """Seconds from the last answer until all were applied."""
    lost: int
    """Deliveries that are not delivered although a receipt said so."""

    def lines(self) -> Iterator[str]:
        """For people to read."""
        yield from self.served.lines()
        yield f"beside an alert of which {self.beside:,} messages were handed over meanwhile"
        yield f"all applied {self.caught_up:.1f} s after the last answer; lost: {self.lost}"


def measure(stage: Stage, people: int, rate: float, workers: int) -> Taken:
    """Send an alert, and report all of it as sent and as delivered while others are being sent."""
    fill_registry(stage, people)
    servers = Servers(stage.database_url, stage.process.settings.redis_url or "")
    with provider() as sink, web(stage, workers, TWILIO) as served, house(stage, sink.url):
        alert = send_alert(stage)
        requests = list(_receipts(stage, alert, served.url))
        tell_ceiling(sink, requests[0])
        enough = Event()
        with ThreadPoolExecutor(1) as pool:
            before = sink.count()
            pool.submit(_keep_sending, stage, enough)
            result = serve(served, servers, requests, rate, IN_FLIGHT)
            beside = sink.count() - before
            caught_up = _wait_until_applied()
            enough.set()
        with scoped(stage.organisation.id) as session:
            delivered = tally(session, alert)["sms"]["delivered"]
        return Taken(result, beside, caught_up, len(requests) // len(STATUSES) - delivered)


def _receipts(stage: Stage, alert: Alert, url: str) -> Iterator[Prepared]:
    """As Twilio signs and posts them: first what was sent, then what was delivered."""
    with scoped(stage.organisation.id) as session:
        query = select(Delivery.contact_point_id).where(
            Delivery.alert_id == alert.id, Delivery.state == DeliveryState.ACCEPTED
        )
        contacts = session.scalars(query).all()
    for status in STATUSES:
        for contact in contacts:
            key, organisation = stage.process.keyring.signing_key, stage.organisation.id
            address = f"{url}/webhooks/twilio/receipts/" + reference.make(
                key, organisation, "sms", alert.id, contact
            )
            form = {
                "MessageSid": f"SM{contact:032x}",
                "MessageStatus": status,
                "AccountSid": TWILIO["TWILIO_ACCOUNT_SID"],
            }
            yield signed(address, form)


def _keep_sending(stage: Stage, enough: Event) -> None:
    while not enough.is_set():
        send_alert(stage)


def _wait_until_applied() -> float:
    started = time.perf_counter()
    while True:
        with unscoped() as session:
            waiting = session.scalar(select(func.count()).select_from(ReceivedReceipt))
        if not waiting:
            return time.perf_counter() - started
        if time.perf_counter() - started > 60:
            click.echo(f"{waiting:,} receipts are not applied after a minute", err=True)
            return time.perf_counter() - started
        time.sleep(0.05)
