"""Canaries: who works at which queue, and whether a provider that refused us takes us again."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from alerts.canaries import services
from alerts.canaries.console.banner import banner
from alerts.canaries.telling import tell_administrators
from alerts.channels import canaries as providers
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.organisations.models import Role
from registry.organisations.services import add_officer
from tests.delivery.conftest import House
from tests.delivery.provider import Provider
from tests.fakes.gateway import PASSWORD, USER, FakeGateway
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from workers import canaries
from workers.breaker import now_open, open_breaker
from workers.broker import Broker
from workers.routes import Route

pytestmark = pytest.mark.delivery


def test_a_late_canary_is_told_of(house: House, keyring: Keyring, client: FlaskClient) -> None:
    with unscoped() as session:
        add_officer(session, session.merge(house.organisation), "admin@example.org", [Role.ADMINISTRATOR])
    canaries.fly(Broker(None))
    for queue in ("urgent", "imports"):
        with unscoped() as session:
            services.seen(session, queue)
    canaries.fly(Broker(None))
    with scoped(house.organisation.id) as session:
        assert services.late(session) == []
        assert banner(session, house.author) is None
    house.sql(
        "UPDATE canaries SET waiting_since = waiting_since - interval '2 min' WHERE name <> 'imports' RETURNING 1"
    )
    with unscoped() as session:
        services.seen(session, "urgent")
    assert 'rollcall_canary_age_seconds{line="deliveries"} 12' in client.get("/metrics").text
    assert canaries.tell(keyring) == 1
    assert canaries.tell(keyring) == 0, "once"
    with scoped(house.organisation.id) as session:
        assert services.late(session) == ["deliveries"]
        assert "queue stands still" in (banner(session, house.author) or "")
    house.sql(
        "UPDATE canaries SET seen_at = seen_at - interval '2 min' WHERE name = 'dispatcher' RETURNING 1"
    )
    with scoped(house.organisation.id) as session:
        assert "nothing leaves" in (banner(session, house.author) or "")
        services.seen(session, "deliveries")
        services.seen(session, "dispatcher")
        assert services.late(session) == []
        assert tell_administrators(session, keyring) == 0


def test_a_breaker_waits_for_its_canary(house: House) -> None:
    well = {"one": False, "two": True}
    routes = [Route(Provider(provider=name), canary=lambda name=name: well[name]) for name in well]
    with unscoped() as session:
        for name in (*well, "one/LB", "three"):
            open_breaker(session, name, "refused")
    house.sql("UPDATE providers SET open_until = now() + interval '1 second' RETURNING 1")
    assert canaries.ask_providers(routes) == 1
    house.sql("SELECT pg_sleep(1.1)")
    with unscoped() as session:
        assert now_open(session) == {"one"}
    well["one"] = True
    assert canaries.ask_providers(routes) == 0


def test_what_canaries_ask_of_providers() -> None:
    """Each is told of wrong credentials, and of nobody at all; none makes a message."""
    with FakeTwilio() as twilio, FakeGateway() as gateway, FakeSmtp() as smtp:
        good = [
            providers.twilio(twilio.account_sid, twilio.auth_token, twilio.url),
            providers.gateway(gateway.kannel(), "kannel", USER, PASSWORD),
            providers.gateway(gateway.jasmin(), "jasmin", USER, PASSWORD),
            providers.smtp(smtp.url, "alerts@rollcall.example"),
        ]
        assert [sing() for sing in good] == [True] * 4
        assert not providers.twilio(twilio.account_sid, "wrong", twilio.url)()
        assert not providers.gateway(gateway.kannel(), "kannel", USER, "wrong")()
        assert not providers.gateway(gateway.jasmin(), "jasmin", USER, "wrong")()
        assert (twilio.messages(), gateway.messages(), smtp.messages()) == ([], [], [])
    assert [sing() for sing in good] == [False] * 4
