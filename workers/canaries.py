"""The dispatcher's canaries: through each queue, and to each provider whose breaker is open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from alerts.canaries.services import DISPATCHER, seen, send_off
from alerts.canaries.telling import tell_administrators
from registry.crypto import Keyring
from registry.database import unscoped
from registry.organisations.scope import everywhere
from workers.breaker import hold_breaker, now_open
from workers.broker import Broker
from workers.lanes import DELIVERIES, IMPORTS, URGENT
from workers.routes import Route

QUEUES = (URGENT, DELIVERIES, IMPORTS)
HOLD = timedelta(seconds=12)
"""How long a provider's breaker stays open after its canary has failed: longer than until the next one."""


def fly(broker: Broker) -> int:
    """Send a canary through each queue, and say that the dispatcher lives."""
    with unscoped() as session:
        seen(session, DISPATCHER)
        send_off(session, QUEUES)
    return sum(broker.canary(queue) for queue in QUEUES)


def tell(keyring: Keyring) -> int:
    """Tell of what is late; return how many mails."""
    with everywhere() as session:
        return tell_administrators(session, keyring)


def ask_providers(routes: Iterable[Route]) -> int:
    """Ask each provider whose breaker is open whether it takes us again; as long as it doesn't, the breaker stays open,
    and no message need find out. Returns how many breakers were held."""
    canaries = {route.provider: route.canary for route in routes if route.canary}
    with unscoped() as session:
        waiting = now_open(session) & canaries.keys()
    held = [name for name in waiting if not canaries[name]()]
    with unscoped() as session:
        for name in held:
            hold_breaker(session, name, HOLD)
    return len(held)
