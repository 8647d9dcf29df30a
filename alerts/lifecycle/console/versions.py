"""Which version of an alert an officer had before their eyes: nobody approves or overwrites what they have not seen."""

from __future__ import annotations

import json
from hashlib import sha256

from alerts.lifecycle.models import Alert
from registry.errors import Conflict

SHOWN = (
    "type",
    "level",
    "crisis",
    "severity",
    "area",
    "filters",
    "channels",
    "texts",
    "expires_at",
    "next_update_at",
    "exercise",
    "thread_id",
    "author_id",
)


def version(alert: Alert) -> str:
    """Differs whenever anything that an officer judges by differs."""
    shown = [getattr(alert, name) for name in SHOWN]
    return sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()[:32]


def check_version(alert: Alert, seen: str | None) -> None:
    """Raises Conflict "changed" when the alert, whose row is locked, is not as it was seen."""
    if seen != version(alert):
        raise Conflict("changed", "This alert was changed after you opened the page. Read it again.")
