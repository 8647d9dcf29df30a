"""Whatever dies, nobody is lost and nobody is told twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.bench.faults.catalogue import FAULTS
from config.bench.faults.ground import Ground
from config.bench.faults.running import play_one, table
from config.bench.stage import Stage
from config.database import make_engine
from config.runtime import Runtime
from config.settings import Settings
from registry.crypto import Keyring
from tests.conftest import MASTER_KEY
from tests.delivery.conftest import House
from tests.fakes.twilio import FakeTwilio
from tests.processes import Process, running, wait_for

pytestmark = pytest.mark.delivery


def doubled(twilio: FakeTwilio) -> dict[str, int]:
    """Numbers that got more than one message."""
    return {to: n for to, n in Counter(message.to for message in twilio.messages()).items() if n > 1}


def quiet(twilio: FakeTwilio) -> int:
    """How many messages it has taken, if none came for two seconds; else 0."""
    before = twilio.count()
    time.sleep(2)
    return before if twilio.count() == before else 0


def test_in_a_storm_nobody_is_lost_and_nobody_is_told_twice(
    house: House, keyring: Keyring, environment: dict[str, str], twilio: FakeTwilio, tmp_path: Path
) -> None:
    settings = Settings(
        database_url=environment["DATABASE_URL"],
        redis_url=environment["REDIS_URL"],
        master_key=SecretStr(MASTER_KEY),
    )
    database = environment["DATABASE_URL"]
    engine = make_engine(database, pool_size=1)
    scene = Stage(
        Runtime(settings, engine, keyring, database),
        database,
        database,
        house.organisation,
        house.author,
        house.approver,
    )
    storm = FAULTS["storm"]
    played = play_one(Ground(scene, tmp_path, twilio, None, None, storm.people, print), storm)
    engine.dispose()
    assert played.sound and played.audit, table([played])
    assert played.audit.taken == played.audit.reachable > 300


def test_without_a_broker_the_dispatcher_sends_by_itself(
    house: House,
    keyring: Keyring,
    provided: dict[str, str],
    twilio: FakeTwilio,
    start: Callable[..., Process],
) -> None:
    house.fill(keyring, 600, countries=["LB"])
    nowhere = provided | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    with running(start("dispatcher", nowhere)):
        alert = house.approve(channels=["sms"])
        wait_for(lambda: house.alert(alert).state == "sent")
    assert doubled(twilio) == {}
    assert twilio.count() == house.reachable()


def test_wrong_credentials_fail_nobody_and_sending_goes_on_once_they_are_right(
    house: House,
    keyring: Keyring,
    provided: dict[str, str],
    twilio: FakeTwilio,
    start: Callable[..., Process],
) -> None:
    house.fill(keyring, 1_000, countries=["LB"])
    wrong = provided | {"TWILIO_AUTH_TOKEN": "wrong"}
    with running(start("worker", wrong), start("dispatcher", wrong)):
        alert = house.approve(channels=["sms"])
        wait_for(lambda: house.sql("SELECT 1 FROM providers WHERE open_until > now()"))
        time.sleep(1)
    counts = house.tally(alert)["sms"]
    assert counts["failed"] == counts["accepted"] == counts["uncertain"] == 0
    assert counts["pending"] == house.reachable()
    touched = house.sql("SELECT 1 FROM deliveries WHERE attempts > 0 AND state <> 60")
    assert len(touched) <= 50

    house.sql("UPDATE providers SET open_until = now() RETURNING name")
    house.sql(
        "UPDATE deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL RETURNING batch_id"
    )
    house.sql("UPDATE batches SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL RETURNING id")
    with running(start("worker", provided), start("dispatcher", provided)):
        wait_for(lambda: house.alert(alert).state == "sent")
    assert doubled(twilio) == {}
    assert twilio.count() == house.reachable()


def test_an_answer_that_never_came_is_asked_for_and_not_sent_again(
    house: House,
    keyring: Keyring,
    provided: dict[str, str],
    twilio: FakeTwilio,
    start: Callable[..., Process],
) -> None:
    house.fill(keyring, 400, countries=["LB"])
    twilio.behave("close", accepted=True, next=40)
    with running(start("worker", provided), start("dispatcher", provided)):
        alert = house.approve(channels=["sms"], severity="moderate")
        wait_for(lambda: twilio.count() == house.reachable())
        wait_for(lambda: house.tally(alert)["sms"]["claimed"] == 40)
        house.sql(
            "UPDATE deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL RETURNING batch_id"
        )
        house.sql("UPDATE batches SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL RETURNING id")
        wait_for(lambda: house.alert(alert).state == "sent")
    assert doubled(twilio) == {}
    assert house.tally(alert)["sms"]["accepted"] == house.reachable()


def test_a_pause_stops_the_flow_a_resume_ends_it_and_a_cancel_is_final(
    house: House,
    keyring: Keyring,
    provided: dict[str, str],
    twilio: FakeTwilio,
    start: Callable[..., Process],
) -> None:
    house.fill(keyring, 2_000, countries=["LB"])
    slow = provided | {"SMS_RATE": "200"}
    with running(start("worker", slow), start("dispatcher", slow)):
        alert = house.approve(channels=["sms"])
        wait_for(lambda: twilio.count() > 20)
        house.move(alert, "pause")
        stopped_at = wait_for(lambda: quiet(twilio), because="for the flow to stop")
        assert stopped_at < house.reachable()
        house.move(alert, "resume")
        wait_for(lambda: twilio.count() > stopped_at + 50)
        house.move(alert, "cancel")
        wait_for(lambda: not house.sql("SELECT 1 FROM batches WHERE next_attempt_at IS NOT NULL"))
        counts = house.tally(alert)["sms"]
    assert house.alert(alert).state == "cancelled"
    assert counts["accepted"] == twilio.count()
    assert counts["accepted"] + counts["expired"] == house.reachable()
    assert doubled(twilio) == {}
