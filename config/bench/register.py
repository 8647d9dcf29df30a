"""How many people can be registered in a second over the API, and how long each waits."""

from __future__ import annotations

import json
from collections.abc import Iterator

from config.bench.meter import Servers
from config.bench.poster import Prepared
from config.bench.provider import provider
from config.bench.serving import Served, serve, tell_ceiling, web
from config.bench.stage import Stage
from registry.database import unscoped
from registry.organisations.keys import add_key
from registry.organisations.models import Scope

WARM = 500
"""Registrations before the measurement, in which statements are compiled and connections made."""
IN_FLIGHT = 100


def measure(stage: Stage, rate: float, seconds: float, workers: int) -> Served:
    """Register at a rate for some seconds; at rate 0 as fast as can be, as many as 500 a second make."""
    with unscoped() as session:
        key = add_key(session, session.merge(stage.author), [Scope.PEOPLE_WRITE])
    servers = Servers(stage.database_url, stage.process.settings.redis_url or "")
    with provider() as sink, web(stage, workers) as served:
        people = list(_people(served.url, key, WARM + round((rate or 500) * seconds)))
        tell_ceiling(sink, people[0])
        serve(served, servers, people[:WARM], 0, 16)
        return serve(served, servers, people[WARM:], rate, IN_FLIGHT if rate else 16)


def _people(url: str, key: str, count: int) -> Iterator[Prepared]:
    """Half with an email address as well; each with an Idempotency-Key, as a careful program sends one."""
    for number in range(count):
        contacts = [{"channel": "sms", "address": f"+9997{number:08}"}]
        if number % 2:
            contacts.append({"channel": "email", "address": f"person{number}@example.org"})
        body = {
            "language": ("en", "fr", "ar", "es")[number % 4],
            "name": f"Person {number}",
            "nationality": "PH",
            "contacts": contacts,
            "stays": [{"country": "LB", "place": "Tripoli"}],
        }
        headers = (
            f"Authorization: Bearer {key}",
            "Content-Type: application/json",
            f"Idempotency-Key: {number}",
        )
        yield "POST", f"{url}/api/v1/people", headers, json.dumps(body)
