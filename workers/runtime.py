"""What tasks and the dispatcher work with; made by the composition root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from alerts.channels.base import Channel
from registry.crypto import Keyring
from workers.health import Health


@dataclass(frozen=True, slots=True)
class WorkerRuntime:
    """One process's keys, channels and rates."""

    keyring: Keyring
    channels: Mapping[str, Channel]
    """By channel name, "sms" and "email"."""
    base_url: str
    rates: Mapping[str, float | None]
    """Messages (for SMS: segments) a second that the sender carries; None: as fast as the provider takes them."""
    audit_folder: Path | None = None
    """Where checkpoints of the audit log are also kept, outside the database."""
    health: Health = field(default_factory=Health)
    stopping: Event = field(default_factory=Event)
    """Set when this process is to end: batches in hand are let go as they stand."""
