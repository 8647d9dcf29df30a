"""An alert's life, on a real database."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from alerts.lifecycle import services
from alerts.lifecycle.intake import read_alert
from alerts.lifecycle.models import Alert
from registry.audit.models import AuditEntry
from registry.audit.verifying import verify
from registry.crypto import Keyring
from registry.database import scoped
from registry.errors import Conflict, Invalid, NotFound
from tests.alerts.offices import Office, request


@pytest.fixture
def notices(database: str) -> Iterator[psycopg.Connection[Any]]:
    """What the dispatcher hears."""
    url = make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("LISTEN rollcall")
        yield connection


def heard(notices: psycopg.Connection[Any]) -> list[str]:
    return [notice.payload for notice in notices.notifies(timeout=60, stop_after=1)]


def test_from_draft_to_approval(office: Office, notices: psycopg.Connection[Any]) -> None:
    office.register("sms", "email")
    office.register("sms", language="fr", stays=[{"country": "FR"}])
    alert = office.draft()
    assert office.state(alert) == "draft"
    office.move(alert, "submit")
    assert office.state(alert) == "submitted"
    heard(notices)
    before = datetime.now(UTC)
    approved = office.move(alert, "approve", office.approver)
    assert heard(notices) == ["alerts"]
    assert (approved.state.value, approved.approver_id) == ("approved", office.approver.id)
    assert approved.approved_at and abs(approved.approved_at - before) < timedelta(minutes=1)
    snapshot = approved.snapshot
    assert snapshot is not None
    assert snapshot["audience"] == 2
    assert snapshot["texts"]["fr"]["sms"] == "Séisme. Restez dehors."
    assert snapshot["languages"] == {"sms": ["en", "fr"], "email": ["en", "fr"]}
    canonical = json.dumps(snapshot, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert approved.snapshot_digest == sha256(canonical.encode()).digest()


def test_the_database_gives_the_snapshot_back_as_it_was_signed(office: Office) -> None:
    alert = office.approved(
        texts={"fr": {"sms": "« N’attendez pas »\n1,5 km 😀", "subject": "É", "body": "\t…"}}
    )
    with scoped(office.organisation.id) as session:
        kept = services.get(session, alert.public_id)
        canonical = json.dumps(kept.snapshot, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert kept.snapshot_digest == sha256(canonical.encode()).digest()


def test_nobody_approves_their_own_alert(office: Office) -> None:
    alert = office.draft()
    office.move(alert, "submit", office.approver)
    with pytest.raises(Conflict) as refused:
        office.move(alert, "approve", office.author)
    assert refused.value.code == "own_alert"
    assert office.state(alert) == "submitted"


def test_the_database_itself_refuses_an_approval_by_the_author(office: Office) -> None:
    alert = office.approved()
    with (
        pytest.raises(IntegrityError, match="approver_is_not_author"),
        scoped(office.organisation.id) as session,
    ):
        session.execute(update(Alert).where(Alert.id == alert.id).values(approver_id=office.author.id))


def test_the_database_itself_refuses_to_send_what_nobody_approved(office: Office) -> None:
    alert = office.draft()
    with (
        pytest.raises(IntegrityError, match="sent_only_if_approved"),
        scoped(office.organisation.id) as session,
    ):
        session.execute(update(Alert).where(Alert.id == alert.id).values(state="approved"))


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("exercise", True, "exercise_is_fixed"),
        ("texts", {"en": {"sms": "Something else."}}, "approved_is_fixed"),
        ("expires_at", datetime.now(UTC) + timedelta(days=9), "approved_is_fixed"),
        ("snapshot_digest", b"", "approved_is_fixed"),
    ],
)
def test_the_database_itself_refuses_to_change_what_was_approved(
    office: Office, column: str, value: Any, rule: str
) -> None:
    alert = office.approved()
    with pytest.raises(IntegrityError) as refused, scoped(office.organisation.id) as session:
        session.execute(update(Alert).where(Alert.id == alert.id).values({column: value}))
    assert refused.value.orig.diag.constraint_name == f"ck_alerts_{rule}"  # type: ignore[union-attr]


def test_what_corrects_an_alert_waits_until_that_has_ended(office: Office) -> None:
    alert = office.approved()
    correction = office.draft(type="update", filters={"reached_by": [str(alert.public_id)]})
    assert correction.thread_id == alert.id
    with pytest.raises(Conflict, match="Cancel it first"):
        office.move(correction, "submit")
    office.move(alert, "cancel")
    assert office.move(correction, "submit").state == "submitted"
    for changes in ({"type": "alert"}, {"exercise": True}, {"filters": {"reached_by": [str(uuid.uuid4())]}}):
        given = {"type": "update", "filters": {"reached_by": [str(alert.public_id)]}} | changes
        with pytest.raises(Invalid):
            office.draft(**given)


def edit(office: Office, alert: Alert, officer: Any = None, **changes: Any) -> Alert:
    with scoped(office.organisation.id) as session:
        found = services.get(session, alert.public_id)
        return services.edit(session, officer or office.author, found, read_alert(request(**changes)))


def test_an_edit_voids_whatever_was_decided(office: Office) -> None:
    for steps in ([], ["submit"], ["submit", "approve"], ["submit", "approve", "pause"]):
        alert = office.draft()
        for step in steps:
            office.move(alert, step, office.approver)
        edited = edit(office, alert, level="mandatory return")
        assert (edited.state.value, edited.level.value) == ("draft", "mandatory_return")
        assert edited.approver_id is edited.approved_at is edited.submitted_at is None
        assert edited.snapshot is edited.snapshot_digest is None


def test_whoever_edits_is_the_author(office: Office) -> None:
    alert = office.draft()
    edit(office, alert, office.approver)
    office.move(alert, "submit")
    with pytest.raises(Conflict, match="You wrote this alert"):
        office.move(alert, "approve", office.approver)
    assert office.move(alert, "approve", office.author).state == "approved"


def test_an_alert_that_has_begun_is_not_edited(office: Office) -> None:
    alert = office.approved()
    with scoped(office.organisation.id) as session:
        session.execute(
            text("""INSERT INTO batches (organisation_id, alert_id, channel, low, high, expanded, attempts, pending,
                        claimed, uncertain, accepted, sent, failed, delivered, suppressed, expired)
                    VALUES (:o, :a, 'sms', 0, 9, false, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0)"""),
            {"o": office.organisation.id, "a": alert.id},
        )
        session.execute(update(Alert).where(Alert.id == alert.id).values(state="sending"))
    with pytest.raises(Conflict):
        edit(office, alert)
    office.move(alert, "pause")
    with pytest.raises(Conflict, match="Send an update instead"):
        edit(office, alert)
    assert office.move(alert, "resume").state == "sending"


def test_returned_with_a_reason(office: Office) -> None:
    alert = office.draft()
    office.move(alert, "submit")
    for blank in ("", "  ", None):
        with pytest.raises(Invalid) as refused:
            office.move(alert, "return_", office.approver, blank)
        assert refused.value.errors[0].field == "reason"
    with pytest.raises(Invalid):
        office.move(alert, "return_", office.approver, "x" * 1001)
    returned = office.move(alert, "return_", office.approver, "Name the  district.")
    assert (returned.state.value, returned.reason) == ("returned", "Name the district.")
    assert office.move(alert, "submit").reason is None


def test_paused_resumed_cancelled(office: Office, notices: psycopg.Connection[Any]) -> None:
    alert = office.approved()
    heard(notices)
    for name, state in (("pause", "paused"), ("resume", "approved"), ("cancel", "cancelled")):
        assert office.move(alert, name).state == state
        assert "alerts" in heard(notices)
    with pytest.raises(Conflict) as refused:
        office.move(alert, "resume")
    assert refused.value.code == "illegal_move"


def test_time_has_passed(office: Office) -> None:
    alert = office.draft()
    office.move(alert, "submit")
    with scoped(office.organisation.id) as session:
        session.execute(update(Alert).where(Alert.id == alert.id).values(expires_at=datetime.now(UTC)))
    with pytest.raises(Conflict) as refused:
        office.move(alert, "approve", office.approver)
    assert refused.value.code == "over"


def test_a_blank_of_a_template_is_never_sent(office: Office) -> None:
    alert = office.draft(texts={"en": {"sms": "Earthquake in {place}.", "subject": "{x}", "body": "{}"}})
    with pytest.raises(Invalid) as refused:
        office.move(alert, "submit")
    assert [(error.field, error.code) for error in refused.value.errors] == [("texts.en.sms", "blank")]


def test_an_sms_must_fit_with_its_frame(office: Office) -> None:
    office.draft(channels=["sms"], texts={"en": {"sms": "x" * 1500}})
    with pytest.raises(Invalid) as refused:
        office.draft(channels=["sms"], texts={"en": {"sms": "x" * 1590}})
    assert [(error.field, error.code) for error in refused.value.errors] == [("texts.en.sms", "length")]


def test_every_act_is_in_the_audit_log(office: Office) -> None:
    alert = office.draft()
    office.move(alert, "submit")
    office.move(alert, "return_", office.approver, "No.")
    office.move(alert, "submit")
    office.move(alert, "approve", office.approver)
    office.move(alert, "cancel")
    with scoped(office.organisation.id) as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
        assert [entry.action.removeprefix("alert.") for entry in entries] == [
            "created", "submitted", "returned", "submitted", "approved", "cancelled",
        ]  # fmt: skip
        assert {entry.subject for entry in entries} == {str(alert.public_id)}
        assert entries[4].actor == office.approver.email
        assert entries[4].details["digest"]
        assert not list(verify(session, office.organisation.id))


def test_another_organisation_sees_nothing(office: Office, keyring: Keyring) -> None:
    alert = office.draft()
    other = Office.open(keyring, "Consulate of Sylvania")
    with scoped(other.organisation.id) as session:
        with pytest.raises(NotFound):
            services.get(session, alert.public_id)
        assert services.list_(session) == []
        with pytest.raises(NotFound):
            services.submit(session, other.author, alert)


def test_no_such_alert(office: Office) -> None:
    for wrong in ("", "1", "x" * 500, str(uuid.uuid4())):
        with scoped(office.organisation.id) as session, pytest.raises(NotFound):
            services.get(session, wrong)


def test_lists_come_newest_first_page_by_page(office: Office) -> None:
    made = [office.draft().id for _ in range(5)]
    with scoped(office.organisation.id) as session:
        first = services.list_(session, limit=3)
        rest = services.list_(session, after=first[-1].id, limit=3)
    assert [alert.id for alert in first + rest] == made[::-1]
