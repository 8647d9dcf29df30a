"""What a worker does when its provider, its database or its alert changes under its hands."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Timer
from typing import Any

import pytest
from sqlalchemy import select

from alerts.channels.base import Outcome
from alerts.delivery import claims
from alerts.delivery.models import DeliveryState as S
from alerts.lifecycle import services
from alerts.lifecycle.models import Alert, AlertState
from alerts.lifecycle.snapshots import intake_of
from alerts.sandbox.channel import SandboxChannel
from alerts.sandbox.services import conversations
from registry.crypto import Keyring
from registry.database import scoped
from registry.notices.officers import queue_officer_mail
from registry.notices.services import queue
from registry.organisations.models import Officer, Organisation
from registry.organisations.services import keys_of
from registry.people.models import ContactPoint
from registry.people.vault import Vault
from tests.damage import close, reopen
from tests.delivery.conftest import House
from tests.delivery.provider import Provider
from tests.delivery.test_ledger import alert, batches, plan, state, take
from workers import duties
from workers.breaker import open_breaker
from workers.broker import Broker
from workers.duties import finish
from workers.duties import plan as plan_all
from workers.notices import deliver_notices
from workers.runtime import WorkerRuntime
from workers.sending import deliver

pytestmark = pytest.mark.delivery
__all__ = ["alert"]


def runtime_of(keyring: Keyring, provider: Provider, **more: Any) -> WorkerRuntime:
    return WorkerRuntime(keyring, {"sms": provider}, "https://rollcall.example", {"sms": None}, **more)


def work(keyring: Keyring, provider: Provider, batch: int, **more: Any) -> int:
    return deliver(runtime_of(keyring, provider, **more), batch)


def make_due(house: House) -> None:
    house.sql(
        "UPDATE deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL RETURNING batch_id"
    )
    house.sql("UPDATE batches SET next_attempt_at = now(), lease_until = NULL RETURNING id")
    house.sql("UPDATE providers SET open_until = NULL RETURNING name")


def left(house: House, word: S) -> int:
    (row,) = house.sql("SELECT count(*) AS n FROM deliveries WHERE state = :state", state=int(word))
    return int(row.n)


def moderate(house: House, keyring: Keyring) -> Alert:
    house.fill(keyring, 220, countries=["LB"])
    alert = house.approve(channels=["sms"], severity="moderate")
    plan(house, alert)
    return alert


def test_what_was_asked_for_and_not_sent_again_is_still_to_be_sent(
    house: House, keyring: Keyring, alert: Alert
) -> None:
    (batch,) = batches(house)
    assert take(house, batch)  # and its worker dies
    make_due(house)
    paused = Provider(asked=lambda: house.move(alert, "pause"))
    work(keyring, paused, batch)
    assert paused.handed == []
    house.move(alert, "resume")
    finish({})
    assert house.alert(alert).state == "sending"
    work(keyring, Provider(), batch)
    assert left(house, S.ACCEPTED) == house.reachable()


@pytest.mark.parametrize("change", ["stopped", "paused"])
def test_in_doubt_and_gone_since_is_not_sent_again(
    house: House, keyring: Keyring, alert: Alert, change: str
) -> None:
    (batch,) = batches(house)
    held = take(house, batch)
    assert held
    key = held.recipients[0].contact_point_id
    if change == "stopped":
        house.sql("UPDATE contact_points SET state = 'opted_out' WHERE id = :id RETURNING id", id=key)
    else:
        house.sql(
            "UPDATE people SET paused = true"
            " WHERE id = (SELECT person_id FROM contact_points WHERE id = :id) RETURNING id",
            id=key,
        )
    make_due(house)
    provider = Provider()
    work(keyring, provider, batch)
    make_due(house)
    work(keyring, provider, batch)
    assert key not in provider.handed and len(provider.handed) == len(held.recipients) - 1
    assert state(house, key) is S.SUPPRESSED


def test_while_the_provider_cannot_be_asked_nothing_is_given_up(house: House, keyring: Keyring) -> None:
    moderate(house, keyring)
    (batch,) = batches(house)
    silent = Provider(outcome=lambda _: Outcome.UNKNOWN)
    work(keyring, silent, batch)
    house.sql("UPDATE organisations SET sender_name = 'Embassy of Sylvania' RETURNING id")
    for _ in range(3):
        make_due(house)
        away = Provider(taken=None, unreachable=True)
        work(keyring, away, batch)
        assert away.handed == [] and left(house, S.UNCERTAIN) == 0
        assert away.words == silent.words  # what is asked about is what was sent, whatever was renamed since
    make_due(house)
    work(keyring, Provider(taken=False), batch)
    assert left(house, S.ACCEPTED) == house.reachable()


def test_a_database_away_for_a_moment_costs_no_message(house: House, keyring: Keyring, database: str) -> None:
    moderate(house, keyring)
    (batch,) = batches(house)

    def cut(handed: int) -> None:
        if handed == 60:
            close(database)
            Timer(1.5, reopen, (database,)).start()

    provider = Provider(after=cut)
    work(keyring, provider, batch)
    assert len(provider.handed) == len(set(provider.handed)) == house.reachable()
    assert left(house, S.ACCEPTED) == house.reachable()


def test_a_fault_of_ours_leaves_nobody_in_doubt_who_was_not_handed_over(
    house: House, keyring: Keyring
) -> None:
    moderate(house, keyring)
    (batch,) = batches(house)

    def fail(handed: int) -> None:
        if handed == 10:
            raise RuntimeError("a fault")

    with pytest.raises(RuntimeError):
        work(keyring, Provider(after=fail), batch)
    assert left(house, S.ACCEPTED) == 9
    assert left(house, S.CLAIMED) == 1
    assert left(house, S.PENDING) == house.reachable() - 10
    make_due(house)
    silent = Provider(taken=None)
    work(keyring, silent, batch)
    assert left(house, S.UNCERTAIN) == 1
    assert left(house, S.ACCEPTED) == house.reachable() - 1


def test_a_worker_that_is_to_end_lets_its_batch_go_with_nobody_in_doubt(
    house: House, keyring: Keyring, alert: Alert
) -> None:
    (batch,) = batches(house)
    provider = Provider()
    runtime = runtime_of(keyring, provider)
    provider.after = lambda handed: runtime.stopping.set() if handed == 20 else None
    deliver(runtime, batch)
    assert 20 <= len(provider.handed) < house.reachable()
    assert left(house, S.CLAIMED) == 0 and left(house, S.ACCEPTED) == len(provider.handed)
    house.sql("UPDATE batches SET published_at = now() RETURNING id")
    assert deliver(runtime, batch) == 0
    assert house.sql("SELECT 1 FROM batches WHERE published_at IS NOT NULL") == []
    work(keyring, provider, batch)
    assert sorted(provider.handed) == sorted(set(provider.handed))
    assert left(house, S.ACCEPTED) == house.reachable()


def test_a_machine_whose_clock_is_wrong_sends_in_time_and_waits_as_long_as_any(
    house: House, keyring: Keyring, alert: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    (batch,) = batches(house)

    class Late(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(hours=7)

    monkeypatch.setattr(claims, "datetime", Late)
    valid: list[int] = []

    def outcome(handed: int) -> Outcome:
        return Outcome.LATER if handed % 2 else Outcome.UNKNOWN

    provider = Provider(outcome=outcome, seen=lambda message: valid.append(message.valid_for))
    work(keyring, provider, batch)
    assert min(valid) > 5 * 3600
    (row,) = house.sql("SELECT max(next_attempt_at) < now() + interval '1 minute' AS soon FROM deliveries")
    assert row.soon and left(house, S.EXPIRED) == 0


def test_an_address_that_cannot_be_opened_fails_alone_and_is_tried_by_the_next_alert(
    house: House, keyring: Keyring, alert: Alert
) -> None:
    (batch,) = batches(house)
    (row,) = house.sql(
        "UPDATE contact_points SET sealed_address = set_byte(sealed_address, 40, 255 - get_byte(sealed_address, 40))"
        " WHERE id = (SELECT min(contact_point_id) FROM reach WHERE channel = 'sms' AND state = 'active')"
        " RETURNING id, state"
    )
    work(keyring, Provider(), batch)
    assert left(house, S.FAILED) == 1 and left(house, S.ACCEPTED) == house.reachable() - 1
    assert house.sql("SELECT 1 FROM contact_points WHERE id = :id AND state = 'active'", id=row.id)


def test_whoever_stops_pauses_or_leaves_while_a_batch_is_in_hand_gets_nothing(
    house: House, keyring: Keyring, alert: Alert
) -> None:
    (batch,) = batches(house)
    stopped, paused, left_us = (
        row.id
        for row in house.sql(
            "SELECT contact_point_id AS id FROM reach WHERE channel = 'sms' AND state = 'active'"
            " GROUP BY 1 ORDER BY 1 DESC LIMIT 3"
        )
    )
    person = "(SELECT person_id FROM contact_points WHERE id = :id)"

    def change(handed: int) -> None:
        if handed == 20:
            house.sql("UPDATE contact_points SET state = 'opted_out' WHERE id = :id RETURNING id", id=stopped)
            house.sql(f"UPDATE people SET paused = true WHERE id = {person} RETURNING id", id=paused)
            house.sql(f"DELETE FROM people WHERE id = {person} RETURNING id", id=left_us)

    provider = Provider(after=change)
    work(keyring, provider, batch, look_again=0.0)
    assert not {stopped, paused, left_us} & set(provider.handed)
    codes = {
        row.contact_point_id: (S(row.state), row.code)
        for row in house.sql("SELECT contact_point_id, state, code FROM deliveries")
    }
    assert codes[stopped] == (S.SUPPRESSED, "opted_out")
    assert codes[paused] == (S.SUPPRESSED, "paused")
    assert codes[left_us] == (S.SUPPRESSED, "erased")
    assert left(house, S.ACCEPTED) == len(provider.handed) > 20


def test_what_saves_lives_overtakes_the_rest(house: House, keyring: Keyring) -> None:
    slow = moderate(house, keyring)
    (batch,) = batches(house)
    published: list[tuple[str, list[int]]] = []

    class Lanes(Broker):
        is_up = True

        def deliver(self, batch_ids: Sequence[int], queue: str) -> bool:
            published.append((queue, list(batch_ids)))
            return True

    def alarm(handed: int) -> None:
        if handed == 20:
            plan(house, house.approve(channels=["sms"], severity="extreme"))

    provider = Provider(after=alarm)
    work(keyring, provider, batch, look_again=0.0)
    assert 20 <= len(provider.handed) < house.reachable() and left(house, S.CLAIMED) == 0
    (_, grave) = batches(house)
    duties.publish(Lanes(None), {})
    assert published == [("urgent", [grave]), ("deliveries", [])]
    work(keyring, provider, grave, look_again=0.0)
    duties.publish(Lanes(None), {})
    assert published[-1] == ("deliveries", [batch])
    work(keyring, provider, batch, look_again=0.0)
    finish({})
    assert house.alert(slow).state == "sent" and left(house, S.ACCEPTED) == 2 * house.reachable()


def test_a_breaker_that_another_opened_stops_a_batch_in_hand(
    house: House, keyring: Keyring, alert: Alert
) -> None:
    (batch,) = batches(house)

    def refuse(handed: int) -> None:
        if handed == 20:
            with scoped(house.organisation.id) as session:
                open_breaker(session, "scripted", "30007 by receipts")

    provider = Provider(after=refuse)
    work(keyring, provider, batch, look_again=0.0)
    assert 20 <= len(provider.handed) < house.reachable()
    assert left(house, S.PENDING) == house.reachable() - len(provider.handed)


def test_sending_stops_at_the_alerts_time_though_no_dispatcher_says_so(
    house: House, keyring: Keyring, alert: Alert
) -> None:
    (batch,) = batches(house)

    def end(handed: int) -> None:
        if handed == 20:
            house.sql("UPDATE alerts SET expires_at = now() RETURNING id")
            time.sleep(0.3)  # results are written every quarter of a second

    provider = Provider(after=end)
    work(keyring, provider, batch)
    assert 20 <= len(provider.handed) < house.reachable()
    assert left(house, S.CLAIMED) == 0
    finish({})
    assert house.alert(alert).state == "expired"
    assert left(house, S.EXPIRED) == house.reachable() - len(provider.handed)


def test_an_alert_that_cannot_be_planned_keeps_no_other_from_leaving(house: House, keyring: Keyring) -> None:
    house.fill(keyring, 50, countries=["LB"])
    broken, sound = house.approve(channels=["sms"]), house.approve(channels=["sms"])
    with scoped(
        house.organisation.id
    ) as session:  # what was approved can't be changed, so it is made wrong at once
        found = session.get_one(Alert, broken.id)
        found.snapshot, kept = (
            None,
            {name: part for name, part in (found.snapshot or {}).items() if name != "criteria"},
        )
        found.state = AlertState.DRAFT
        session.flush()
        found.snapshot, found.state = kept, AlertState.APPROVED
    with pytest.raises(KeyError):
        plan_all()
    assert house.alert(sound).state == "sending"


def test_an_alert_edited_after_it_was_planned_for_nobody_is_planned_anew(
    house: House, keyring: Keyring
) -> None:
    empty = house.approve(channels=["sms"], area={"countries": ["FJ"]})
    plan_all()
    house.move(empty, "pause")
    with scoped(house.organisation.id) as session:
        found = services.get(session, empty.public_id)
        services.edit(session, house.author, found, intake_of(found))
    assert house.alert(empty).planned_at is None


@pytest.mark.parametrize(
    ("outcome", "tries", "expected"),
    [(Outcome.UNKNOWN, 1, "pending"), (Outcome.UNKNOWN, 2, "accepted"), (Outcome.US, 7, "pending")],
)
def test_a_notice_outlives_an_outage(
    house: House, keyring: Keyring, outcome: Outcome, tries: int, expected: str
) -> None:
    house.fill(keyring, 1, countries=["LB"])
    with scoped(house.organisation.id) as session:
        contact = session.scalars(select(ContactPoint).limit(1)).one()
        vault = Vault.open(session, keyring, house.organisation.id)
        queue(session, vault, contact, "Your code", "123456", valid_for=timedelta(hours=1))
    provider = Provider(outcome=lambda _: outcome)
    channels = {"sms": provider, "email": provider}
    runtime = WorkerRuntime(keyring, channels, "https://rollcall.example", {})
    for _ in range(tries):
        deliver_notices(runtime)
        house.sql("UPDATE notices SET next_attempt_at = now() RETURNING id")
    assert len(provider.handed) == tries
    assert [row.state for row in house.sql("SELECT state FROM notices")] == [expected]


def test_officers_get_mail_at_the_address_they_had(house: House, keyring: Keyring) -> None:
    with scoped(house.organisation.id) as session:
        keys = keys_of(keyring, session.get_one(Organisation, house.organisation.id))
        for officer in (house.author, house.approver):
            queue_officer_mail(session, keys, officer, "Sent", "An alert left at 03:12.", timedelta(hours=1))
        session.get_one(Officer, house.author.id).email = "elsewhere@example.org"
    assert b"03:12" not in b"".join(
        bytes(row.sealed_content) for row in house.sql("SELECT sealed_content FROM officer_mails")
    )
    house.sql(
        "UPDATE officer_mails SET sealed_content = '' WHERE officer_id = :id RETURNING id",
        id=house.approver.id,
    )
    sandbox = SandboxChannel(keyring, "email")
    runtime = WorkerRuntime(keyring, {"sms": Provider(), "email": sandbox}, "https://rollcall.example", {})
    assert deliver_notices(runtime) == 1
    rows = house.sql("SELECT state, sealed_content FROM officer_mails ORDER BY id")
    assert [(row.state, row.sealed_content) for row in rows] == [("accepted", None), ("failed", None)]
    with scoped(house.organisation.id) as session:
        (kept,) = conversations(session, keyring, house.organisation.id)
    assert (kept.letter.address, kept.letter.subject) == ("author@example.org", "Sent")
