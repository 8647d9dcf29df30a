"""The ledger's own rules, on a real database and without any process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import text

from alerts.channels.base import Outcome, Result
from alerts.delivery.claims import Claim, claim
from alerts.delivery.models import DeliveryState, ReceivedReceipt
from alerts.delivery.planning import plan_chunk
from alerts.delivery.receipts import Applied, apply_receipts
from alerts.delivery.recording import LeaseLost, judge, record, release
from alerts.lifecycle.dispatching import due_to_plan, mark_planned, mark_sending
from alerts.lifecycle.models import Alert
from config.channels import make_worker_runtime
from config.settings import Settings
from registry.crypto import Keyring
from registry.database import scoped
from tests.delivery.conftest import House
from workers.agenda import look
from workers.blame import Blame
from workers.breaker import close_breaker, now_open
from workers.duties import finish
from workers.sending import deliver

pytestmark = pytest.mark.delivery
PEOPLE = 220


@pytest.fixture
def alert(house: House, keyring: Keyring) -> Alert:
    """Approved, planned, under way; nothing is claimed yet."""
    house.fill(keyring, PEOPLE, countries=["LB"])
    alert = house.approve(channels=["sms"])
    plan(house, alert)
    return alert


def plan(house: House, alert: Alert) -> None:
    while True:
        with scoped(house.organisation.id) as session:
            found = session.get_one(Alert, alert.id)
            if not plan_chunk(session, found):
                return mark_planned(session, found)
            mark_sending(session, found)


def batches(house: House) -> list[int]:
    return [row.id for row in house.sql("SELECT id FROM batches ORDER BY id")]


def take(house: House, batch: int) -> Claim | None:
    with scoped(house.organisation.id) as session:
        return claim(session, batch, "scripted")


def note(house: House, held: Claim, outcome: Outcome, *keys: int, **how: Any) -> str:
    """Record one outcome for some recipients, as a worker would."""
    verdicts = [judge(held, Result(key, outcome, **how), 1) for key in keys]
    with scoped(house.organisation.id) as session:
        return record(session, held, verdicts)


def state(house: House, contact: int) -> DeliveryState:
    (row,) = house.sql("SELECT state FROM deliveries WHERE contact_point_id = :id", id=contact)
    return DeliveryState(row.state)


def receive(
    house: House,
    held: Claim,
    contact: int,
    *states: DeliveryState,
    outcome: str | None = None,
    resent: int = 0,
) -> Applied:
    with scoped(house.organisation.id) as session:
        for wanted in states:
            session.add(
                ReceivedReceipt(
                    organisation_id=house.organisation.id,
                    alert_id=held.alert_id,
                    channel="sms",
                    contact_point_id=contact,
                    state=wanted,
                    outcome=outcome,
                    provider_id=f"SM{resent}",
                    resent=resent,
                )
            )
        session.flush()
        return apply_receipts(session)


def bring_forward(house: House) -> None:
    """As if all that waits had waited long enough."""
    house.sql("UPDATE deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL RETURNING 1")
    house.sql("UPDATE batches SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL RETURNING 1")


def held_batch(house: House) -> Claim:
    held = take(house, batches(house)[0])
    assert held and len(held.recipients) > 100
    return held


def test_batches_hold_the_audience_exactly_and_planning_again_adds_nothing(
    house: House, keyring: Keyring
) -> None:
    house.fill(keyring, 1_500, countries=["LB"])
    alert = house.approve(channels=["sms"])
    plan(house, alert)
    before = house.sql("SELECT id, low, high, pending FROM batches ORDER BY low")
    assert sum(row.pending for row in before) >= house.reachable()
    assert len(before) > 1
    assert [row.low for row in before[1:]] == [row.high for row in before[:-1]]
    plan(house, alert)
    assert house.sql("SELECT id, low, high, pending FROM batches ORDER BY low") == before


def test_every_member_stands_in_the_ledger_before_anything_is_sent(house: House, alert: Alert) -> None:
    claims = [take(house, batch) for batch in batches(house)]
    assert sum(len(held.recipients) for held in claims if held) == house.reachable()
    suppressed = house.sql("SELECT DISTINCT code FROM deliveries WHERE state = 60")
    assert {row.code for row in suppressed} <= {"opted_out", "unreachable", "paused", "unconfirmed"}
    assert house.tally(alert)["sms"]["claimed"] == house.reachable()


def test_a_batch_is_held_by_one_only(house: House, alert: Alert) -> None:
    batch = batches(house)[0]
    assert take(house, batch) is not None
    assert take(house, batch) is None


def test_after_its_lease_a_claim_comes_back_in_doubt_and_the_first_holder_is_fenced_off(
    house: House, alert: Alert
) -> None:
    first = held_batch(house)
    house.sql(
        "UPDATE batches SET lease_until = now(), next_attempt_at = now() WHERE claim IS NOT NULL RETURNING 1"
    )
    second = take(house, first.batch_id)
    assert second and all(recipient.in_doubt for recipient in second.recipients)
    with pytest.raises(LeaseLost):
        note(house, first, Outcome.ACCEPTED, first.recipients[0].contact_point_id)
    with pytest.raises(LeaseLost), scoped(house.organisation.id) as session:
        release(session, first, [], [])


def test_what_was_not_handed_over_is_pending_again_and_not_in_doubt(house: House, alert: Alert) -> None:
    held = held_batch(house)
    sent, *rest = [recipient.contact_point_id for recipient in held.recipients]
    note(house, held, Outcome.ACCEPTED, sent)
    with scoped(house.organisation.id) as session:
        release(session, held, [], rest)
    again = take(house, held.batch_id)
    assert again and [r.contact_point_id for r in again.recipients] == rest
    assert not any(recipient.in_doubt for recipient in again.recipients)


@pytest.mark.parametrize(
    ("outcome", "expected", "contact"),
    [
        (Outcome.ACCEPTED, DeliveryState.ACCEPTED, "active"),
        (Outcome.LATER, DeliveryState.PENDING, "active"),
        (Outcome.US, DeliveryState.PENDING, "active"),
        (Outcome.NEVER, DeliveryState.FAILED, "unreachable"),
        (Outcome.OPTED_OUT, DeliveryState.SUPPRESSED, "opted_out"),
        (Outcome.UNKNOWN, DeliveryState.CLAIMED, "active"),
        (Outcome.EXPIRED, DeliveryState.EXPIRED, "active"),
    ],
)
def test_each_outcome_has_its_one_treatment(
    house: House, alert: Alert, outcome: Outcome, expected: DeliveryState, contact: str
) -> None:
    held = held_batch(house)
    key = held.recipients[0].contact_point_id
    note(house, held, outcome, key)
    assert state(house, key) is expected
    (row,) = house.sql("SELECT state FROM contact_points WHERE id = :id", id=key)
    assert row.state == contact


def test_nothing_waits_beyond_the_alerts_time(house: House, alert: Alert) -> None:
    held = held_batch(house)
    first, second = (recipient.contact_point_id for recipient in held.recipients[:2])
    note(house, held, Outcome.LATER, first, retry_after=7 * 3600.0)
    assert state(house, first) is DeliveryState.PENDING, "nobody is believed who asks to wait for hours"
    (row,) = house.sql("SELECT max(next_attempt_at) < now() + interval '20 minutes' AS soon FROM deliveries")
    assert row.soon
    house.sql("UPDATE alerts SET expires_at = now() + interval '2 s' RETURNING id")
    note(house, replace(held, expires_at=held.now() + timedelta(seconds=2)), Outcome.LATER, second)
    assert state(house, second) is DeliveryState.EXPIRED


def test_whoever_stopped_or_left_after_the_first_try_is_not_tried_again(house: House, alert: Alert) -> None:
    held = held_batch(house)
    stopped, left, kept, *rest = [recipient.contact_point_id for recipient in held.recipients]
    with scoped(house.organisation.id) as session:
        release(session, held, [], [stopped, left, kept, *rest])
        session.execute(text("UPDATE contact_points SET state = 'opted_out' WHERE id = :id"), {"id": stopped})
        session.execute(
            text("DELETE FROM people WHERE id = (SELECT person_id FROM contact_points WHERE id = :id)"),
            {"id": left},
        )
    again = take(house, held.batch_id)
    assert again
    reached = {recipient.contact_point_id for recipient in again.recipients}
    assert kept in reached and stopped not in reached and left not in reached
    assert state(house, stopped) is state(house, left) is DeliveryState.SUPPRESSED


RECEIPTS = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DELIVERED)


@pytest.mark.parametrize(
    "order", list(permutations(RECEIPTS)), ids=lambda order: "-".join(s.word for s in order)
)
def test_receipts_in_any_order_and_doubled_end_at_the_highest(
    house: House, alert: Alert, order: tuple[DeliveryState, ...]
) -> None:
    held = held_batch(house)
    key = held.recipients[0].contact_point_id
    note(house, held, Outcome.ACCEPTED, key)
    for step in (*order, *order):
        receive(house, held, key, step)
    assert state(house, key) is DeliveryState.DELIVERED
    assert house.tally(alert)["sms"]["delivered"] == 1


def test_a_receipt_before_the_answer_settles_the_doubt(house: House, alert: Alert) -> None:
    held = held_batch(house)
    key = held.recipients[0].contact_point_id
    receive(house, held, key, DeliveryState.SENT)
    note(house, held, Outcome.UNKNOWN, key)
    assert state(house, key) is DeliveryState.SENT
    house.sql(
        "UPDATE batches SET lease_until = now(), next_attempt_at = now() WHERE claim IS NOT NULL RETURNING 1"
    )
    again = take(house, held.batch_id)
    assert again and key not in {recipient.contact_point_id for recipient in again.recipients}


def test_messages_in_the_sandbox_arrive(house: House, keyring: Keyring, alert: Alert) -> None:
    runtime = make_worker_runtime(Settings(), keyring)
    assert sum(deliver(runtime, batch) for batch in batches(house)) == house.reachable()
    with scoped(house.organisation.id) as session:
        apply_receipts(session)
    assert house.tally(alert)["sms"]["delivered"] == house.reachable()


def test_a_receipt_about_nobody_changes_nothing(house: House, alert: Alert) -> None:
    held = held_batch(house)
    before = house.sql("SELECT contact_point_id, state FROM deliveries ORDER BY 1")
    receive(house, held, 10**12, DeliveryState.DELIVERED)
    assert house.sql("SELECT contact_point_id, state FROM deliveries ORDER BY 1") == before
    assert house.sql("SELECT 1 FROM received_receipts") == []


def test_an_address_that_a_receipt_calls_dead_is_not_tried_by_the_next_alert(
    house: House, alert: Alert
) -> None:
    held = held_batch(house)
    key = held.recipients[0].contact_point_id
    note(house, held, Outcome.ACCEPTED, key)
    receive(house, held, key, DeliveryState.FAILED, outcome="never")
    (row,) = house.sql("SELECT state FROM contact_points WHERE id = :id", id=key)
    assert row.state == "unreachable"


def test_a_failure_reported_after_the_delivery_writes_nobody_off(house: House, alert: Alert) -> None:
    held = held_batch(house)
    key = held.recipients[0].contact_point_id
    note(house, held, Outcome.ACCEPTED, key)
    receive(house, held, key, DeliveryState.DELIVERED)
    receive(house, held, key, DeliveryState.FAILED, outcome="never")
    assert state(house, key) is DeliveryState.DELIVERED
    (row,) = house.sql("SELECT state FROM contact_points WHERE id = :id", id=key)
    assert row.state == "active"


@pytest.mark.parametrize(("outcome", "times"), [("once", 1), ("later", 3)])
def test_a_message_that_came_back_is_sent_anew_a_stated_few_times(
    house: House, alert: Alert, outcome: str, times: int
) -> None:
    held = held_batch(house)
    key = held.recipients[0].contact_point_id
    for resent in range(times):
        note(house, held, Outcome.ACCEPTED, key, provider_id=f"SM{resent}")
        with scoped(house.organisation.id) as session:
            release(session, held, [], [])
        for _ in range(5):
            receive(house, held, key, DeliveryState.FAILED, outcome=outcome, resent=resent)
            assert state(house, key) is DeliveryState.PENDING
        receive(house, held, key, DeliveryState.SENT, resent=resent)
        assert state(house, key) is DeliveryState.PENDING, "late word of the earlier message"
        (row,) = house.sql(
            "SELECT next_attempt_at > now() + interval '30 s' AS waits, resent FROM deliveries"
            " WHERE contact_point_id = :id",
            id=key,
        )
        assert row.waits and row.resent == resent + 1
        bring_forward(house)
        again = take(house, held.batch_id)
        assert again
        (recipient,) = (r for r in again.recipients if r.contact_point_id == key)
        assert not recipient.in_doubt and recipient.resent == resent + 1
        receive(house, held, key, DeliveryState.FAILED, outcome="never", resent=resent)
        assert state(house, key) is DeliveryState.CLAIMED
        held = again
    note(house, held, Outcome.ACCEPTED, key, provider_id="the last")
    receive(house, held, key, DeliveryState.FAILED, outcome=outcome, resent=times)
    assert state(house, key) is DeliveryState.FAILED
    receive(house, held, key, DeliveryState.DELIVERED)
    assert state(house, key) is DeliveryState.DELIVERED, "the first arrived after all"


def test_what_comes_back_to_an_alert_that_was_sent_still_goes_out_until_that_is_over(
    house: House, alert: Alert
) -> None:
    assert look() == {"batches", "sending"}
    held = held_batch(house)
    first, second, late, *rest = [recipient.contact_point_id for recipient in held.recipients]
    note(house, held, Outcome.ACCEPTED, second, late, *rest)
    finish({})
    assert house.alert(alert).state == "sending"
    note(house, held, Outcome.ACCEPTED, first)
    with scoped(house.organisation.id) as session:
        release(session, held, [], [])
    receive(house, held, first, DeliveryState.FAILED, outcome="later")
    assert look() == {"finish", "sending"}
    finish({})
    assert house.alert(alert).state == "sent" and state(house, first) is DeliveryState.PENDING
    assert look() == set(), "until it is due"
    bring_forward(house)
    assert look() == {"batches"}
    again = take(house, held.batch_id)
    assert again and [recipient.contact_point_id for recipient in again.recipients] == [first]
    assert note(house, again, Outcome.ACCEPTED, first) == "sent"
    with scoped(house.organisation.id) as session:
        release(session, again, [], [])
    receive(house, held, second, DeliveryState.FAILED, outcome="later")
    house.approve(type="all_clear", channels=["sms"])
    assert look() == {"plan", "sending"}
    finish({})
    assert state(house, second) is DeliveryState.EXPIRED
    house.sql("UPDATE alerts SET expires_at = now() + interval '30 s' RETURNING id")
    receive(house, held, late, DeliveryState.FAILED, outcome="later")
    assert state(house, late) is DeliveryState.FAILED, "no message beyond the alert's time"


def test_what_came_back_of_a_corrected_alert_is_not_sent_anew(house: House, alert: Alert) -> None:
    held = held_batch(house)
    back, later, *rest = [recipient.contact_point_id for recipient in held.recipients]
    note(house, held, Outcome.ACCEPTED, back, later, *rest)
    with scoped(house.organisation.id) as session:
        release(session, held, [], [])
    receive(house, held, back, DeliveryState.FAILED, outcome="later")
    finish({})
    correction = house.approve(
        type="update", channels=["sms"], filters={"reached_by": [str(alert.public_id)]}
    )
    bring_forward(house)
    assert take(house, held.batch_id) is None
    with scoped(house.organisation.id) as session:
        assert due_to_plan(session) == []
    finish({})
    assert state(house, back) is DeliveryState.EXPIRED
    receive(house, held, later, DeliveryState.FAILED, outcome="later")
    assert state(house, later) is DeliveryState.FAILED
    with scoped(house.organisation.id) as session:
        assert [found.id for found in due_to_plan(session)] == [correction.id]


def test_receipts_that_blame_us_close_the_provider_and_fail_nobody(house: House, alert: Alert) -> None:
    held, blame = held_batch(house), Blame()
    keys = [recipient.contact_point_id for recipient in held.recipients[:30]]
    note(house, held, Outcome.ACCEPTED, *keys)

    def hear(outcome: str | None, *contacts: int) -> list[str]:
        word = DeliveryState.DELIVERED if outcome is None else DeliveryState.FAILED
        for contact in contacts:
            applied = receive(house, held, contact, word, outcome=outcome)
            with scoped(house.organisation.id) as session:
                blame.hear(session, applied.words)
        return [
            row.name
            for row in house.sql("SELECT name FROM providers WHERE open_until > now() + interval '4 min'")
        ]

    assert hear(None, *keys[:15]) == [] and hear("us", *keys[15:20]) == [], "a few are filtered"
    assert hear("us", *keys[20:]) == ["scripted"]
    assert {state(house, key) for key in keys[15:]} == {DeliveryState.PENDING}
    with scoped(house.organisation.id) as session:
        close_breaker(session, "scripted")  # an answer to what was handed over before
        assert now_open(session) == {"scripted"}


def test_a_paused_or_expired_alert_gives_nothing_out(house: House, alert: Alert) -> None:
    house.move(alert, "pause")
    assert take(house, batches(house)[0]) is None
    house.move(alert, "resume")
    late = datetime.now(UTC) - timedelta(minutes=1)
    house.sql("UPDATE alerts SET expires_at = :late RETURNING id", late=late)
    assert take(house, batches(house)[0]) is None
