from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update

from alerts.delivery.batches import settle
from alerts.delivery.models import Batch, Delivery, DeliveryState
from alerts.delivery.partitions import open_ledger
from alerts.lifecycle.models import Alert
from alerts.responses.telling import recount
from registry.database import scoped
from registry.organisations.scope import everywhere
from registry.people.models import ContactPoint
from tests.alerts.api.conftest import approved
from tests.programs import Program, wrong_fields

STATES = (DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.SENT, DeliveryState.DELIVERED)


def deliver(program: Program, alert_id: str) -> None:
    """Four deliveries, to the contact points in Lebanon, by two channels."""
    with scoped(program.officer.organisation_id) as session:
        alert = session.scalars(select(Alert).where(Alert.public_id == alert_id)).one()
        contacts = session.scalars(select(ContactPoint).order_by(ContactPoint.id).limit(4)).all()
        open_ledger(session, alert.id)
        batches = []
        for contact, state in zip(contacts, STATES, strict=True):
            batch = Batch(
                organisation_id=alert.organisation_id,
                alert_id=alert.id,
                channel=contact.channel.value,
                low=contact.id - 1,
                high=contact.id,
                expanded=True,
            )
            session.add(batch)
            session.flush()
            batches.append(batch.id)
            session.add(
                Delivery(
                    alert_id=alert.id,
                    channel=contact.channel.value,
                    contact_point_id=contact.id,
                    organisation_id=alert.organisation_id,
                    batch_id=batch.id,
                    state=state.value,
                    attempts=1,
                    language="en",
                    quiet=False,
                    provider_id="SM1",
                    code="30003" if state is DeliveryState.FAILED else None,
                )
            )
        session.flush()
        settle(session, batches)


def test_ledger(
    program: Program, approver: Program, people: list[dict[str, Any]], alert: dict[str, Any]
) -> None:
    number = approved(program, approver, alert)
    assert program.get(f"/alerts/{number}/deliveries").json == {"items": [], "next": None}
    deliver(program, number)
    answer = program.get(f"/alerts/{number}/deliveries")
    items = answer.json["items"]
    assert [item["channel"] for item in items] == ["email", "email", "sms", "sms"]
    failed = program.get(f"/alerts/{number}/deliveries?state=failed").json["items"]
    assert [(item["state"], item["code"], item["person"]) for item in failed] == [
        ("failed", "30003", people[1]["id"])
    ]
    assert failed[0]["contact"] == "b•••@example.org"
    delivered = program.get(f"/alerts/{number}/deliveries?state=delivered&limit=1").json
    rest = program.get(f"/alerts/{number}/deliveries?state=delivered&after={delivered['next']}").json
    assert [item["channel"] for item in (*delivered["items"], *rest["items"])] == ["email", "sms"]
    assert rest["next"] is None
    with everywhere() as session:
        session.execute(update(Alert).values(first_sent_at=func.now()))
        assert recount(session, live=2) == 1
        assert recount(session, live=2) == 0
        assert session.scalars(select(Alert.told)).one() == 2
    assert program.get(f"/alerts/{number}/checkins").json["summary"]["told"] == 2
    for person in people:
        for contact in person["contacts"]:
            assert contact["address"] not in answer.text


def test_ledger_pages(program: Program, approver: Program, people: list[Any], alert: dict[str, Any]) -> None:
    number = approved(program, approver, alert)
    deliver(program, number)
    whole = program.get(f"/alerts/{number}/deliveries").json["items"]
    first = program.get(f"/alerts/{number}/deliveries?limit=3").json
    rest = program.get(f"/alerts/{number}/deliveries", query_string={"after": first["next"]}).json
    assert first["items"] + rest["items"] == whole
    assert rest["next"] is None
    assert program.get(f"/alerts/{number}/deliveries?state=&after=").json["items"] == whole


def test_the_ledger_outlives_an_erased_person(
    program: Program, approver: Program, people: list[dict[str, Any]], alert: dict[str, Any]
) -> None:
    number = approved(program, approver, alert)
    deliver(program, number)
    program.delete(f"/people/{people[1]['id']}")
    failed = program.get(f"/alerts/{number}/deliveries?state=failed").json["items"]
    assert [(item["contact"], item["person"]) for item in failed] == [(None, None)]


def test_wrong_states(program: Program, approver: Program, alert: dict[str, Any]) -> None:
    number = approved(program, approver, alert)
    assert {field for field, _ in wrong_fields(program.get(f"/alerts/{number}/deliveries?state=lost"))} == {
        "state"
    }
