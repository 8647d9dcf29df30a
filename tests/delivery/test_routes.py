"""Several providers in their order: by country, by breaker, and each asked about its own messages only."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from alerts.channels.base import Outcome
from alerts.delivery.models import DeliveryState as S
from alerts.lifecycle.models import Alert
from config.channels import make_worker_runtime
from config.settings import Settings
from registry.addresses import country_of
from registry.crypto import Keyring
from tests.delivery.conftest import House
from tests.delivery.provider import Provider
from tests.delivery.test_doubts import left, make_due, moderate
from tests.delivery.test_ledger import alert, batches
from tests.fakes.gateway import PASSWORD, USER, FakeGateway
from tests.fakes.twilio import FakeTwilio
from workers.duties import finish
from workers.routes import Route
from workers.runtime import WorkerRuntime
from workers.sending import deliver

pytestmark = pytest.mark.delivery
__all__ = ["alert"]


def runtime_of(keyring: Keyring, *routes: Route) -> WorkerRuntime:
    return WorkerRuntime(
        keyring, {"sms": routes[0].channel}, "https://rollcall.example", {}, routes={"sms": routes}
    )


def providers(house: House) -> dict[str, int]:
    rows = house.sql("SELECT provider, count(*) AS n FROM deliveries WHERE state = 20 GROUP BY 1")
    return {row.provider: row.n for row in rows}


def test_each_country_goes_by_the_first_provider_that_serves_it(
    house: House, keyring: Keyring, alert: Alert
) -> None:
    (batch,) = batches(house)
    first, second = Provider(provider="first"), Provider(provider="second")
    where: dict[str, set[str | None]] = {"first": set(), "second": set()}
    first.seen = lambda message: where["first"].add(country_of(message.address))
    second.seen = lambda message: where["second"].add(country_of(message.address))
    deliver(runtime_of(keyring, Route(first, countries=frozenset({"GB"})), Route(second)), batch)
    assert where["first"] == {"GB"} and where["second"] and "GB" not in where["second"]
    assert providers(house) == {"first": len(first.handed), "second": len(second.handed)}
    assert left(house, S.ACCEPTED) == house.reachable()


def test_with_the_first_provider_closed_the_next_takes_what_waits_and_asks_nothing_of_it(
    house: House, keyring: Keyring, alert: Alert
) -> None:
    (batch,) = batches(house)
    refusing, second = Provider(provider="first", outcome=lambda _: Outcome.US), Provider(provider="second")
    ways = runtime_of(keyring, Route(refusing), Route(second))
    deliver(ways, batch)
    assert len(refusing.handed) == 1 and left(house, S.PENDING) == house.reachable()
    deliver(ways, batch)
    house.sql("UPDATE deliveries SET next_attempt_at = now() WHERE state = 0 RETURNING 1")
    house.sql("UPDATE batches SET next_attempt_at = now() RETURNING id")
    deliver(ways, batch)
    assert len(refusing.handed) == 1
    assert providers(house) == {"second": house.reachable()}


def test_a_message_in_doubt_is_asked_for_where_it_was_to_go(house: House, keyring: Keyring) -> None:
    moderate(house, keyring)
    (batch,) = batches(house)
    silent = Provider(provider="first", outcome=lambda _: Outcome.UNKNOWN, taken=None, unreachable=True)
    second = Provider(provider="second", asked=lambda: pytest.fail("the other one was asked"))
    ways = runtime_of(keyring, Route(silent), Route(second))
    deliver(ways, batch)
    house.sql(
        "UPDATE providers SET open_until = now() + interval '1 minute' WHERE name = 'first' RETURNING 1"
    )
    house.sql(
        "INSERT INTO providers (name, failures, open_until) VALUES ('first', 1, now() + interval '1 hour')"
        " ON CONFLICT (name) DO UPDATE SET open_until = excluded.open_until RETURNING 1"
    )
    for _ in range(2):
        house.sql(
            "UPDATE deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL RETURNING 1"
        )
        house.sql("UPDATE batches SET next_attempt_at = now() RETURNING id")
        deliver(ways, batch)
    assert second.handed == [] and left(house, S.CLAIMED) == house.reachable()
    make_due(house)
    silent.taken, silent.unreachable = True, False
    deliver(ways, batch)
    assert second.handed == [] and providers(house) == {"first": house.reachable()}


def test_a_country_that_is_refused_waits_alone(house: House, keyring: Keyring, alert: Alert) -> None:
    (batch,) = batches(house)
    countries: dict[int, str | None] = {}
    only = Provider(provider="first", seen=lambda m: countries.__setitem__(m.key, country_of(m.address)))
    only.outcome = lambda _: Outcome.COUNTRY if countries[only.handed[-1]] == "FR" else Outcome.ACCEPTED
    ways = runtime_of(keyring, Route(only))
    deliver(ways, batch)
    assert list(countries.values()).count("FR") == 1 and left(house, S.FAILED) == 0
    waiting = left(house, S.PENDING)
    assert waiting > 1 and left(house, S.ACCEPTED) == house.reachable() - waiting
    assert [row.name for row in house.sql("SELECT name FROM providers WHERE open_until > now()")] == [
        "first/FR"
    ]
    finish({"sms": ["first"]})
    assert house.alert(alert).state == "sending"
    again = len(only.handed)
    second = Provider(provider="second")
    house.sql("UPDATE deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL RETURNING 1")
    house.sql("UPDATE batches SET next_attempt_at = now() RETURNING id")
    deliver(runtime_of(keyring, Route(only), Route(second)), batch)
    assert len(only.handed) == again and len(second.handed) == waiting


def test_when_twilio_refuses_us_a_gateway_takes_everything(
    house: House, keyring: Keyring, alert: Alert, twilio: FakeTwilio
) -> None:
    (batch,) = batches(house)
    with FakeGateway() as gateway:
        settings = Settings(
            twilio_account_sid=twilio.account_sid,
            twilio_auth_token=SecretStr("wrong"),
            twilio_from="+15005550006",
            twilio_api_url=twilio.url,
            gateway_url=gateway.jasmin(),
            gateway_kind="jasmin",
            gateway_user=USER,
            gateway_password=SecretStr(PASSWORD),
        )
        ways = make_worker_runtime(settings, keyring)
        for _ in range(2):
            deliver(ways, batch)
            house.sql("UPDATE deliveries SET next_attempt_at = now() WHERE state = 0 RETURNING 1")
            house.sql("UPDATE batches SET next_attempt_at = now() RETURNING id")
        deliver(ways, batch)
        numbers = [message.to for message in gateway.messages()]
    assert len(numbers) == len(set(numbers)) == house.reachable() and twilio.count() == 0
    assert providers(house) == {"gateway": house.reachable()}


@pytest.mark.parametrize(
    ("countries", "routes", "expected"),
    [
        ("", "", ("twilio", "gateway")),
        ("ir,SY", "", ("gateway", "twilio")),
        ("ir", "twilio, gateway", ("twilio", "gateway")),
        ("", "gateway", ("gateway",)),
    ],
)
def test_the_order_of_providers(countries: str, routes: str, expected: tuple[str, ...]) -> None:
    settings = Settings(
        twilio_account_sid="AC",
        twilio_auth_token=SecretStr("t"),
        twilio_from="+15005550006",
        gateway_url="http://127.0.0.1/send",
        gateway_countries=countries,
        sms_routes=routes,
    )
    assert settings.sms_providers == expected
    ways = make_worker_runtime(settings, Keyring(bytes(32))).routes_of("sms")
    assert [way.provider for way in ways] == list(expected)


@pytest.mark.parametrize("wrong", [{"gateway_countries": "Iran"}, {"sms_routes": "twilio,smoke"}])
def test_settings_that_make_no_sense_are_named(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Settings.model_validate(wrong)
