"""The ground on which faults are played: servers of their own, a registry, a provider, and processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from alerts.lifecycle.models import Alert, AlertState
from config.bench.alerting import COUNTRY, approve_alert, fill_registry
from config.bench.faults.auditing import reachable
from config.bench.faults.hands import Hand
from config.bench.faults.proxy import Proxy
from config.bench.stage import Stage
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from config.listening import free_ports, is_ready
from registry.database import scoped
from registry.organisations.scope import everywhere

if TYPE_CHECKING:
    from tests.fakes.twilio import FakeTwilio

PATIENCE = 420.0
"""Seconds without any change after which an alert is stuck."""

_OPEN = text("""
    SELECT (SELECT count(*) FROM batches WHERE next_attempt_at IS NOT NULL) + (SELECT count(*) FROM received_receipts)
""")
_END_LEASES = text("""
    UPDATE batches SET lease_until = now(), next_attempt_at = now(), published_at = NULL WHERE claim IS NOT NULL
""")
_BRING_FORWARD = (
    text("UPDATE deliveries SET next_attempt_at = now() WHERE next_attempt_at > now()"),
    text("UPDATE batches SET next_attempt_at = now() WHERE next_attempt_at > now() AND claim IS NULL"),
)


@dataclass
class Ground:
    """What a fault is done to."""

    stage: Stage
    home: Path
    twilio: FakeTwilio
    postgres: Postgres | None
    valkey: Valkey | None
    people: int
    tell: Callable[[str], None]
    settings: dict[str, str] = field(default_factory=dict)
    workers: list[Hand] = field(default_factory=list)
    dispatchers: list[Hand] = field(default_factory=list)
    web: list[Hand] = field(default_factory=list)
    stack: ExitStack = field(default_factory=ExitStack)
    """Closed when the fault is over."""
    proxy: Proxy | None = None
    """Where Redis is reached through one."""
    alert: Alert | None = None
    expected: set[int] = field(default_factory=set)

    def prepare(self) -> None:
        """Fill the registry and set what every process needs."""
        fill_registry(self.stage, self.people)
        self.expected = reachable(self.stage, COUNTRY)
        self.settings = {
            "DATABASE_URL": self.stage.database_url,
            "REDIS_URL": self.stage.process.settings.redis_url or "",
            "ROLLCALL_HOME": str(self.home),
            "MASTER_KEY": self.stage.process.settings.master_key_bytes.hex(),
            "SECRET_KEY": "for a fault only",
            "LOG_LEVEL": "WARNING",
            "TWILIO_ACCOUNT_SID": self.twilio.account_sid,
            "TWILIO_AUTH_TOKEN": self.twilio.auth_token,
            "TWILIO_FROM": "+15005550006",
            "TWILIO_API_URL": self.twilio.url,
            "PORT": str(free_ports(1)[0]),
        }

    def hand(self, name: str, *arguments: str, **settings: str) -> Hand:
        """A process that isn't started yet."""
        return Hand(name, os.environ | self.settings | settings, self.home / f"{name}.log", *arguments)

    @property
    def hands(self) -> list[Hand]:
        """All processes."""
        return [*self.web, *self.workers, *self.dispatchers]

    def start(self) -> None:
        """Start every process, and wait until the web process takes receipts."""
        for hand in self.hands:
            hand.start()
        port = int(self.settings["PORT"])
        until = time.monotonic() + 120
        while self.web and not is_ready("127.0.0.1", port) and time.monotonic() < until:
            time.sleep(0.2)

    def stop(self) -> None:
        """End every process."""
        for hand in self.hands:
            hand.end()

    def send(self) -> None:
        """Approve the alert."""
        self.alert = approve_alert(self.stage, COUNTRY)

    def wait_for(self, share: float, seconds: float = 120.0) -> None:
        """Until the provider has taken a share of the messages, or so long."""
        until = time.monotonic() + seconds
        while self.twilio.count() < share * len(self.expected) and time.monotonic() < until:
            time.sleep(0.05)

    def wait_for_rest(self, hurry: bool = False) -> bool:
        """Until every delivery has come to rest and every receipt is applied; False when nothing moves any more.

        `hurry` ends waits that the outcome doesn't depend on.
        """
        seen: tuple[int, int] = (-1, -1)
        moved_at = told_at = time.monotonic()
        while True:
            with suppress(OperationalError):
                with everywhere() as session:
                    left = session.scalar(_OPEN) or 0
                    if hurry:
                        for statement in _BRING_FORWARD:
                            session.execute(statement)
                if not left and self._ended() and not self.twilio.call("/receipts")["open"]:
                    return True
                now = (left, self.twilio.count())
                if now != seen:
                    seen, moved_at = now, time.monotonic()
            if time.monotonic() - told_at > 15:
                told_at = time.monotonic()
                self.tell(f"  {self.twilio.count():,} taken, {seen[0]:,} batches and receipts open")
            if time.monotonic() - moved_at > PATIENCE:
                return False
            time.sleep(0.3)

    def end_leases(self) -> None:
        """As if the leases of workers that are dead were over; only while none is alive."""
        with everywhere() as session:
            session.execute(_END_LEASES)

    def _ended(self) -> bool:
        assert self.alert
        with scoped(self.stage.organisation.id) as session:
            return session.get_one(Alert, self.alert.id).state is AlertState.SENT


@contextmanager
def playing(ground: Ground) -> Iterator[Ground]:
    """Its processes, until the block ends."""
    with ExitStack() as stack:
        stack.enter_context(ground.stack)
        stack.callback(ground.stop)
        ground.start()
        yield ground


def crew(ground: Ground, workers: Sequence[dict[str, str]], dispatchers: int, web: bool) -> None:
    """The processes of a fault: `workers` holds settings of each."""
    ground.workers = [ground.hand("worker", **settings) for settings in workers]
    ground.dispatchers = [ground.hand("dispatcher") for _ in range(dispatchers)]
    ground.web = [ground.hand("web")] if web else []
