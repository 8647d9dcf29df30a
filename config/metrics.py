"""What Prometheus may know: counts only, read from the database as it asks, so that any web process can tell.

They span all organisations, and tell nothing of a person.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.canaries.services import ages
from alerts.delivery.batches import GOES_OUT
from alerts.delivery.tally import COLUMNS
from registry.organisations.scope import everywhere

_DELIVERIES = text(
    "SELECT channel, "
    + ", ".join(f"sum({word}) AS {word}" for word in COLUMNS)
    + " FROM batches GROUP BY channel"
)
_ALERTS = text("SELECT state, count(*) AS number FROM alerts GROUP BY state")
_LATE = text(f"""
    SELECT coalesce(extract(epoch FROM now() - min(b.next_attempt_at)), 0)
    FROM batches b JOIN alerts a ON a.id = b.alert_id
    WHERE {GOES_OUT} AND b.next_attempt_at <= now() AND (b.lease_until IS NULL OR b.lease_until <= now())
""")
_WAITING = {
    "notices": "SELECT count(*) FROM notices WHERE state = 'pending'",
    "officer_mails": "SELECT count(*) FROM officer_mails WHERE state = 'pending'",
    "receipts": "SELECT count(*) FROM received_receipts",
    "people_asked_to_stay": "SELECT count(*) FROM people WHERE asked_to_stay_at IS NOT NULL",
    "erasures_to_write_down": "SELECT count(*) FROM erasures WHERE public_id IS NOT NULL",
}
_BREAKERS = text("SELECT name, coalesce(open_until > now(), false) AS open FROM providers")


class Ledger(Collector):
    """Alerts, deliveries, what waits, and breakers."""

    def collect(self) -> Iterable[Metric]:
        """One short transaction."""
        with everywhere() as session:
            yield _deliveries(session)
            yield _alerts(session)
            late = session.scalar(_LATE)
            yield GaugeMetricFamily(
                "rollcall_oldest_due_seconds",
                "Age of the oldest batch that is due and in nobody's hands.",
                late,
            )
            waiting = GaugeMetricFamily(
                "rollcall_waiting", "Rows that wait to be worked on.", labels=["what"]
            )
            for what, statement in _WAITING.items():
                waiting.add_metric([what], session.scalar(text(statement)) or 0)
            yield waiting
            breakers = GaugeMetricFamily(
                "rollcall_breaker_open", "1 while nothing is handed over.", labels=["provider"]
            )
            for row in session.execute(_BREAKERS):
                breakers.add_metric([row.name], int(row.open))
            yield breakers
            flown = GaugeMetricFamily(
                "rollcall_canary_age_seconds",
                "Of a queue: how long a canary has been under way. Of the dispatcher: since it was seen.",
                labels=["line"],
            )
            for name, age in ages(session).items():
                flown.add_metric([name], age)
            yield flown


def _deliveries(session: Session) -> Metric:
    found = GaugeMetricFamily("rollcall_deliveries", "Deliveries by state.", labels=["channel", "state"])
    for channel, *sums in session.execute(_DELIVERIES):
        for word, number in zip(COLUMNS, sums, strict=True):
            found.add_metric([channel, word], float(number))
    return found


def _alerts(session: Session) -> Metric:
    found = GaugeMetricFamily("rollcall_alerts", "Alerts by state.", labels=["state"])
    for row in session.execute(_ALERTS):
        found.add_metric([row.state], row.number)
    return found


def make_registry() -> CollectorRegistry:
    """The ledger's figures and this process's own."""
    registry = CollectorRegistry()
    registry.register(Ledger())
    ProcessCollector(registry=registry)
    return registry
