"""The officer's screens for alerts: list, composer, approval, progress, ledger."""

from alerts.lifecycle.console import acting, approving, composing, ledger, listing, progress, showing, waiting
from alerts.lifecycle.console.blueprint import assets, blueprint

__all__ = [
    "acting",
    "approving",
    "assets",
    "blueprint",
    "composing",
    "ledger",
    "listing",
    "progress",
    "showing",
    "waiting",
]
