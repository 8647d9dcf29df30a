"""The dispatcher's side of an alert's life."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text, update

from alerts.lifecycle import services
from alerts.lifecycle.dispatching import due_to_plan, expire_due, finish_sent, mark_planned, mark_sending
from alerts.lifecycle.models import Alert
from registry.crypto import Keyring
from registry.database import scoped
from tests.alerts.offices import Office


def add_batch(office: Office, alert: Alert, *, due: bool) -> None:
    with scoped(office.organisation.id) as session:
        session.execute(
            text("""INSERT INTO batches (organisation_id, alert_id, channel, low, high, expanded, attempts, pending,
                        claimed, uncertain, accepted, sent, failed, delivered, suppressed, expired, next_attempt_at)
                    VALUES (:o, :a, 'sms', 0, 9, true, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, CASE WHEN :due THEN now() END)"""),
            {"o": office.organisation.id, "a": alert.id, "due": due},
        )


def test_planned_bit_by_bit_then_sent(office: Office, keyring: Keyring) -> None:
    other = Office.open(keyring, "Consulate of Sylvania")
    first, second = office.approved(), other.approved()
    office.draft()
    both = (office.organisation.id, other.organisation.id)
    with scoped(*both) as session:
        due = due_to_plan(session)
        assert [alert.id for alert in due] == [first.id, second.id]
        mark_sending(session, due[0])
        mark_planned(session, due[1])
    assert (office.state(first), other.state(second)) == ("sending", "sending")
    with scoped(*both) as session:
        assert [alert.id for alert in due_to_plan(session)] == [first.id]  # its plan isn't whole yet
        assert finish_sent(session) == 1
    assert (office.state(first), other.state(second)) == ("sending", "sent")
    with scoped(other.organisation.id) as session:
        assert services.get(session, second.public_id).finished_at is not None


def test_sent_only_when_every_batch_is_at_rest(office: Office) -> None:
    alert = office.approved()
    add_batch(office, alert, due=True)
    with scoped(office.organisation.id) as session:
        mark_planned(session, due_to_plan(session)[0])
        assert finish_sent(session) == 0
        session.execute(text("UPDATE batches SET next_attempt_at = NULL"))
        assert finish_sent(session) == 1
    assert office.state(alert) == "sent"


def test_two_dispatchers_do_not_plan_the_same_alert(office: Office) -> None:
    office.approved()
    with scoped(office.organisation.id) as one:
        assert len(due_to_plan(one)) == 1
        with scoped(office.organisation.id) as other:
            assert due_to_plan(other) == []


def test_a_paused_alert_is_not_planned(office: Office) -> None:
    alert = office.approved()
    office.move(alert, "pause")
    with scoped(office.organisation.id) as session:
        assert due_to_plan(session) == []
    office.move(alert, "resume")
    with scoped(office.organisation.id) as session:
        assert len(due_to_plan(session)) == 1


def test_ends_when_its_time_is_over(office: Office) -> None:
    over = [office.approved(), office.approved()]
    office.move(over[1], "pause")
    draft, alive = office.draft(), office.approved()
    with scoped(office.organisation.id) as session:
        for alert in (*over, draft):
            session.execute(update(Alert).where(Alert.id == alert.id).values(expires_at=datetime.now(UTC)))
    with scoped(office.organisation.id) as session:
        assert [alert.id for alert in due_to_plan(session)] == [alive.id]
        assert expire_due(session) == 2
        assert expire_due(session) == 0
    states = [office.state(alert) for alert in (*over, draft, alive)]
    assert states == ["expired", "expired", "draft", "approved"]
