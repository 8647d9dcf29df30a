"""Plans, claims, crashes, leases, receipts, stops, erasures in any order: nobody is lost, nobody is told twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from alerts.channels.base import Answer, Message, Outcome, Question, Result
from alerts.delivery import reference as references
from alerts.delivery.models import DeliveryState as S
from alerts.delivery.models import ReceivedReceipt
from registry.crypto import Keyring
from registry.database import scoped
from tests.delivery.conftest import House
from workers import duties
from workers.blame import Blame
from workers.runtime import WorkerRuntime
from workers.sending import deliver

pytestmark = pytest.mark.delivery

PEOPLE = 11
BATCH_SIZE = 5
FATES = ("accepted", "taken", "unknown", "later", "us", "never", "opted_out")
"""What becomes of a message; "taken" is that it was, and the answer lost."""
LIMITS = (
    settings.default
    if settings.default.max_examples > 100
    else settings(settings.default, max_examples=8, stateful_step_count=14)
)


class Crash(BaseException):
    """A worker dies: nothing after this is done, not even cleaning up."""


class Network:
    """A provider that keeps what it took by reference, answers as told, and can be asked."""

    name, provider = "sms", "network"

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.fates: Sequence[str] = ()
        self.crash_after: int | None = None
        self.answers = True

    def send(self, messages: Iterable[Message]) -> Iterator[Result]:
        for number, message in enumerate(messages):
            fate = self.fates[number % len(self.fates)] if self.fates else "accepted"
            if fate in ("accepted", "taken"):
                self.taken[message.reference] += 1
            if number == self.crash_after:
                raise Crash
            outcome = Outcome.UNKNOWN if fate == "taken" else Outcome(fate)
            yield Result(message.key, outcome)
            if outcome is Outcome.US:
                return

    def ask(self, questions: Sequence[Question]) -> Iterator[Answer]:
        for question in questions:
            known = question.reference in self.taken if self.answers else None
            yield Answer(question.key, known, unreachable=not self.answers)

    def close(self) -> None:
        pass


class Lifecycle(RuleBasedStateMachine):
    """One alert to a few people."""

    keyring: Keyring
    house: House

    def __init__(self) -> None:
        super().__init__()
        self.house.sql("DELETE FROM people RETURNING id")
        self.house.sql("DELETE FROM providers RETURNING name")
        self.house.fill(self.keyring, PEOPLE, countries=["LB"])
        self.alert = self.house.approve(channels=["sms"], severity="moderate")
        self.network, self.blame = Network(), Blame()
        self.failed: set[int] = set()
        self.over = False
        self.runtime = WorkerRuntime(
            self.keyring, {"sms": self.network}, "https://rollcall.example", {"sms": None}
        )

    def sql(self, statement: str, **values: Any) -> list[Any]:
        return self.house.sql(statement, alert=self.alert.id, **values)

    def batches(self) -> list[int]:
        return [row.id for row in self.sql("SELECT id FROM batches WHERE alert_id = :alert ORDER BY id")]

    @rule()
    def plan(self) -> None:
        duties.plan(BATCH_SIZE)

    @rule(
        fates=st.lists(st.sampled_from(FATES), max_size=4),
        crash_after=st.none() | st.integers(0, 4),
        answers=st.booleans(),
        nth=st.integers(0, 20),
    )
    def work(self, fates: list[str], crash_after: int | None, answers: bool, nth: int) -> None:
        """A worker takes a batch."""
        network = self.network
        network.fates, network.crash_after, network.answers = fates, crash_after, answers
        if found := self.batches():
            self.take(found[nth % len(found)])

    def take(self, batch: int) -> None:
        try:
            deliver(self.runtime, batch)
        except Crash:
            return

    @rule()
    def time_passes(self) -> None:
        """Leases and waits are over, and breakers."""
        self.sql(
            "UPDATE deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL RETURNING 1"
        )
        self.sql(
            "UPDATE batches SET next_attempt_at = now(), lease_until = CASE WHEN claim IS NULL THEN NULL"
            " ELSE now() END WHERE next_attempt_at IS NOT NULL AND alert_id = :alert RETURNING 1"
        )
        self.sql("UPDATE providers SET open_until = now() RETURNING 1")

    @precondition(lambda self: self.network.taken)
    @rule(
        nth=st.integers(0, 60),
        word=st.sampled_from([S.SENT, S.DELIVERED, S.FAILED]),
        outcome=st.sampled_from(["later", "once", "never", "us"]),
        times=st.integers(1, 2),
    )
    def receipt(self, nth: int, word: S, outcome: str, times: int) -> None:
        """The provider reports, late, early, twice, in any order."""
        known = list(self.network.taken)
        found = references.read(self.keyring.signing_key, known[nth % len(known)])
        assert found
        if word is S.FAILED:
            self.failed.add(found.contact_point_id)
        with scoped(self.house.organisation.id) as session:
            for _ in range(times):
                session.add(
                    ReceivedReceipt(
                        organisation_id=self.house.organisation.id,
                        alert_id=found.number,
                        channel="sms",
                        contact_point_id=found.contact_point_id,
                        state=word,
                        outcome=outcome if word is S.FAILED else None,
                        resent=found.resent,
                    )
                )
        duties.receipts(self.blame)

    @rule(move=st.sampled_from(["pause", "resume"]))
    def steer(self, move: str) -> None:
        wanted = {"pause": ("approved", "sending"), "resume": ("paused",)}[move]
        if self.house.alert(self.alert).state in wanted:
            self.house.move(self.alert, move)

    @precondition(lambda self: not self.over)
    @rule(once=st.integers(0, 5))
    def cancel(self, once: int) -> None:
        if once == 0 and self.house.alert(self.alert).state in ("approved", "sending", "paused"):
            self.house.move(self.alert, "cancel")
            self.over = True

    @rule(nth=st.integers(0, PEOPLE), how=st.sampled_from(["stop", "erase"]))
    def leave(self, nth: int, how: str) -> None:
        found = self.sql("SELECT id, person_id FROM contact_points WHERE channel = 'sms' ORDER BY id")
        if not found:
            return
        row = found[nth % len(found)]
        if how == "stop":
            self.sql("UPDATE contact_points SET state = 'opted_out' WHERE id = :id RETURNING 1", id=row.id)
        else:
            self.sql("DELETE FROM people WHERE id = :id RETURNING 1", id=row.person_id)

    @rule()
    def finish(self) -> None:
        duties.finish({})

    @invariant()
    def no_message_twice(self) -> None:
        assert not [name for name, times in self.network.taken.items() if times > 1]

    @invariant()
    def the_ledger_knows_what_was_taken(self) -> None:
        rows = {
            row.id: row for row in self.sql("SELECT contact_point_id AS id, state, resent FROM deliveries")
        }
        for name in self.network.taken:
            found = references.read(self.keyring.signing_key, name)
            assert found
            row = rows[found.contact_point_id]
            assert row.resent > found.resent or S.CLAIMED <= row.state <= S.DELIVERED, row

    @invariant()
    def counts_are_those_of_the_rows(self) -> None:
        wrong = self.sql(
            f"""
            SELECT b.id FROM batches b JOIN LATERAL (
                SELECT count(*) FILTER (WHERE state = {S.PENDING}) AS pending,
                       count(*) FILTER (WHERE state = {S.CLAIMED}) AS claimed,
                       count(*) FILTER (WHERE state BETWEEN {S.ACCEPTED} AND {S.DELIVERED}) AS taken,
                       count(*) FILTER (WHERE state IN ({S.PENDING}, {S.CLAIMED}) AND next_attempt_at IS NULL) AS lost
                FROM deliveries d WHERE d.batch_id = b.id) d ON true
            WHERE b.alert_id = :alert AND b.expanded AND b.claim IS NULL AND (
                b.pending <> d.pending OR b.claimed <> d.claimed
                OR b.accepted + b.sent + b.failed + b.delivered <> d.taken OR d.lost > 0
                OR (b.next_attempt_at IS NULL) <> (d.pending + d.claimed = 0))
            """
        )
        assert not wrong

    def alert_is_over(self) -> bool:
        ended = self.house.alert(self.alert).state in ("sent", "cancelled")
        return ended and not self.sql(
            "SELECT 1 FROM batches WHERE next_attempt_at IS NOT NULL AND alert_id = :alert"
        )

    def teardown(self) -> None:
        """In the end everything has come to rest, and everybody got it who should."""
        network = self.network
        network.fates, network.crash_after, network.answers = (), None, True
        self.steer("resume")
        for _ in range(12):
            if self.alert_is_over():
                break
            duties.plan(BATCH_SIZE)
            self.time_passes()
            for batch in self.batches():
                self.take(batch)
            duties.receipts(self.blame)
            duties.finish({})
        assert self.alert_is_over()
        assert self.house.alert(self.alert).state == ("cancelled" if self.over else "sent")
        self.no_message_twice()
        self.the_ledger_knows_what_was_taken()
        if not self.over:
            missed = self.sql(
                "SELECT c.id FROM contact_points c LEFT JOIN deliveries d ON d.contact_point_id = c.id"
                " JOIN people p ON p.id = c.person_id WHERE c.channel = 'sms' AND c.state = 'active'"
                " AND NOT p.paused AND (d.state IS NULL OR d.state NOT IN (20, 30, 50))"
                " AND NOT c.id = ANY (:failed)",
                failed=list(self.failed),
            )
            assert missed == []


def test_whatever_happens_in_whatever_order(
    house: House, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lifecycle, "house", house, raising=False)
    monkeypatch.setattr(Lifecycle, "keyring", keyring, raising=False)
    run_state_machine_as_test(Lifecycle, settings=LIMITS)
