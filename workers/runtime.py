"""What tasks and the dispatcher work with; made by the composition root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event

from alerts.channels.base import Channel
from registry.crypto import Keyring
from workers.health import Health
from workers.mailbox import Mailbox
from workers.routes import Route
from workers.turns import Turns


@dataclass(frozen=True, slots=True)
class Periods:
    """For how long what is held about people is kept."""

    unconfirmed: timedelta = timedelta(days=7)
    """Registrations that were never confirmed."""
    ledger: timedelta = timedelta(days=90)
    """Deliveries and replies, after the alert's end."""
    silent: timedelta = timedelta(days=365)
    """People who give no sign: then they are asked."""
    answer: timedelta = timedelta(days=30)
    """After the question."""
    plea_unread: timedelta = timedelta(minutes=15)
    """After which the duty list is told that a plea for help waits."""


@dataclass(frozen=True, slots=True)
class WorkerRuntime:
    """One process's keys, channels and rates."""

    keyring: Keyring
    channels: Mapping[str, Channel]
    """By channel name, "sms" and "email"."""
    base_url: str
    rates: Mapping[str, float | None]
    """Messages (for SMS: segments) a second that the sender carries; None: as fast as the provider takes them."""
    routes: Mapping[str, Sequence[Route]] = field(default_factory=dict)
    """By channel name, where there is more than one way, the first choice first."""
    audit_folder: Path | None = None
    """Where checkpoints of the audit log are also kept, outside the database."""
    mailbox: Mailbox | None = None
    """Where bounces and answers by mail wait for us."""
    periods: Periods = Periods()
    health: Health = field(default_factory=Health)
    turns: Turns = field(default_factory=Turns)
    look_again: float = 0.5
    """Seconds after which a worker sees anew who has stopped, paused or left since it took a batch."""
    stopping: Event = field(default_factory=Event)
    """Set when this process is to end: batches in hand are let go as they stand."""

    def routes_of(self, name: str) -> Sequence[Route]:
        """The ways of a channel in their order."""
        return self.routes.get(name) or (Route(self.channels[name], self.rates.get(name)),)
