from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update

from alerts.delivery.batches import settle
from alerts.delivery.models import Batch, Delivery, DeliveryState
from alerts.lifecycle.models import Alert
from alerts.reports.counting import glance
from alerts.reports.keeping import recount
from alerts.reports.ladder import RUNGS, by
from alerts.reports.models import AlertReport
from alerts.responses.models import Safety
from alerts.responses.retiring import remove_ledger
from alerts.responses.services import check_in
from registry.database import scoped
from registry.organisations.scope import everywhere
from registry.people.models import Person
from tests.alerts.console.sending import send
from tests.alerts.offices import Office
from tests.desk import Desk, text_of

Figures = dict[tuple[str, str, str], str]


def path(alert: Alert) -> str:
    return f"/console/alerts/{alert.public_id}/report"


def figures(desk: Desk, alert: Alert) -> Figures:
    """The file: (part, of, figure) → value."""
    answer = desk.open(f"{path(alert)}.csv")
    assert answer.mimetype == "text/csv"
    assert f"rollcall-report-{str(alert.public_id)[-8:]}.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0] == ["part", "of", "figure", "value"]
    return {(part, of, figure): value for part, of, figure, value in rows[1:]}


@pytest.fixture
def sent(office: Office) -> Alert:
    """To four people: three told after 1, 2 and 60 seconds, of whom one is safe and one needs help; one by no means."""
    people = [
        office.register("sms", "email", stays=[{"country": "NP", "subdivision": "NP-P3"}, {"country": "FR"}]),
        office.register("sms", stays=[{"country": "NP", "subdivision": "NP-P3"}]),
        office.register("sms", language="fr"),
        office.register("sms", language="fr"),
    ]
    alert = office.approved()
    send(office, alert)
    with scoped(office.organisation.id) as session:
        found = session.get_one(Alert, alert.id)
        deliveries = session.scalars(
            select(Delivery).order_by(Delivery.channel.desc(), Delivery.contact_point_id)
        )
        for row, seconds in zip(deliveries, (1, 2, 60, 3, 600), strict=True):
            row.accepted_at = found.approved_at + timedelta(seconds=seconds - 0.5)  # type: ignore[operator]
            row.provider = "sandbox"
            if seconds == 2:
                row.state, row.updated_at = (
                    int(DeliveryState.DELIVERED),
                    row.accepted_at + timedelta(seconds=30),
                )
            if seconds == 3:
                row.state, row.code = int(DeliveryState.FAILED), "=1+1"
        session.flush()
        settle(session, session.scalars(select(Batch.id)).all())
        for person, safety in zip(people, (Safety.SAFE, Safety.HELP), strict=False):
            check_in(session, session.get_one(Person, person.id), alert.id, safety, "sms")
    return alert


def test_the_report_tells_how_it_went_and_whom_it_reached(author: Desk, office: Office, sent: Alert) -> None:
    page = text_of(author.open(path(sent)))
    assert "People told 3 of 4 it was meant for" in page
    assert "Half of them had it 2 seconds after approval" in page
    assert "The last person had it 1 minute after approval" in page
    assert "Within so long after approval Handed over Delivered Answered 10 seconds 3 0 2" in page
    assert "Bagmati (NP) 2 2 1 second 2 seconds 1 1 0" in page
    assert "French (français) 2 1 1 minute 1 minute 0 0 1" in page
    assert "SMS: sandbox 3 1 1" in page
    found = figures(author, sent)
    assert found["people", "", "median_seconds"] == "1.5"
    assert found["people", "", "last_seconds"] == "59.5"
    assert found["area", "NP-P3", "help"] == "1"
    assert found["language", "en", "told"] == "2"
    assert found["provider", "sms sandbox", "delivered"] == "1"
    assert found["within seconds", "60", "delivered"] == "1"
    assert found["reason", "sms failed", "'=1+1"] == "1", "no spreadsheet runs it"
    assert found["timeline", "", "written"] < found["timeline", "", "last_told"]
    assert not any("+999" in value or "p1" in value for value in found.values())
    assert ("alert.report", str(sent.public_id)) in author.audited()
    assert author.open(path(office.draft())).status_code == 404


def test_the_live_page_draws_a_curve(author: Desk, office: Office, sent: Alert) -> None:
    page = author.open(f"/console/alerts/{sent.public_id}")
    assert 'd="M0 180 L0 180.0' in page.text
    assert "top: 5 messages" in text_of(page)
    assert "SMS: sandbox 3 1 1" in text_of(page)
    assert f'href="{path(sent)}"' in page.text
    with scoped(office.organisation.id) as session:
        messages, handed_over, _ = glance(session, session.get_one(Alert, sent.id), 100_000)
    twice = set(range(0, 11, 2))  # a page of the table, with however many rows, counts twice or not at all
    assert sum(row.number for row in messages) in twice and sum(handed_over.values()) in twice


def test_a_report_outlives_the_ledger(author: Desk, office: Office, sent: Alert) -> None:
    before = figures(author, sent)
    with everywhere() as session:
        session.execute(update(Alert).values(expires_at=text("now() - interval '91 days'"), finished_at=None))
        assert remove_ledger(session, timedelta(days=90)) == 1
        assert session.scalars(select(Delivery)).all() == []
    page = text_of(author.open(path(sent)))
    assert "The details are no longer kept" in page
    assert "These are the counts that were made before." in page
    assert "French (français) 2 1 1 minute 1 minute 0 0 1" in page
    after = figures(author, sent)
    changed = {key for key in before | after if before.get(key) != after.get(key)}
    assert changed <= {
        ("about", "", "made at"), ("about", "", "counted at"),
        ("timeline", "", "finished"), ("timeline", "", "details_removed"),
    }  # fmt: skip
    with everywhere() as session:
        session.execute(delete(AlertReport))
    page = text_of(author.open(path(sent)))
    assert "What is left: counts by channel, state and reason, and the answers." in page
    assert "People told 3" in page
    assert figures(author, sent)["channel", "sms", "delivered"] == "1"
    assert "Over time" not in text_of(author.open(f"/console/alerts/{sent.public_id}"))


def test_the_dispatcher_counts_large_alerts_beforehand(office: Office, sent: Alert) -> None:
    with everywhere() as session:
        assert recount(session, live=2) == 1
        assert recount(session, live=2) == 0, "nothing has moved"
        session.execute(text("UPDATE alert_reports SET counted_at = now() - interval '6 minutes', moved = 0"))
        assert recount(session, live=2) == 1


def test_every_mark_is_a_rung() -> None:
    ladder = dict.fromkeys(RUNGS, 1)
    assert [by(ladder, seconds) for seconds in (0, 1, 60, 300, 7200)] == [0, 1, 60, 84, 224]
