from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from alerts.conversation.hearing import hear
from alerts.delivery.models import Batch, Delivery
from alerts.delivery.tally import tally
from alerts.lifecycle.models import Alert
from alerts.responses.cases import open_case
from alerts.responses.receiving import receive
from alerts.responses.storing import Inbound
from alerts.responses.telling import people_told
from registry.audit.models import AuditEntry
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.notices.models import Notice, NoticeState
from registry.notices.services import open_content
from registry.people.models import ContactPoint, ContactState, Person, Source
from tests.alerts.responses.making import PHONE, House, make_alert, make_house, make_person
from tests.desk import new_desk, text_of
from workers.retention import retain
from workers.runtime import Periods, WorkerRuntime

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def runtime(keyring: Keyring) -> WorkerRuntime:
    return WorkerRuntime(keyring, {}, "https://rollcall.example", {})


@pytest.fixture
def house(keyring: Keyring) -> House:
    with unscoped() as session:
        return make_house(session, keyring)


def silent(session: Session, house: House, number: int, **fields: object) -> Person:
    """Somebody of whom nothing was heard for more than a year."""
    person = make_person(session, house, f"+99920200{number:04}", **fields)
    session.execute(text("UPDATE people SET last_seen_at = now() - interval '400 days'"))
    return person


def age(session: Session, days: int) -> None:
    session.execute(text(f"UPDATE people SET asked_to_stay_at = asked_to_stay_at - interval '{days} days'"))


def left(session: Session) -> list[int]:
    return list(session.scalars(select(Person.id).order_by(Person.id)))


def acts(session: Session, action: str) -> int:
    return session.scalar(select(func.count()).where(AuditEntry.action == action)) or 0


def test_the_silent_are_asked_and_then_erased(
    runtime: WorkerRuntime, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with scoped(house.id) as session:
        person = silent(session, house, 1, language="es", quiet=True)
    assert retain(runtime) == 1
    assert retain(runtime) == 0, "asked once"
    assert "silent, asked: 1" in caplog.text
    with scoped(house.id) as session:
        notice = session.scalars(select(Notice)).one()
        words = open_content(house.vault, notice, session.get_one(Person, person.id))["text"]
        assert words.startswith("¿Seguir en el registro? Responda 1 o abra https://rollcall.example/me/")
        assert "Freedonia" not in words
        notice.state = NoticeState.ACCEPTED
    retain(runtime)
    with scoped(house.id) as session:
        age(session, 29)
    assert retain(runtime) == 0
    with scoped(house.id) as session:
        age(session, 2)
    assert retain(runtime) == 1
    with scoped(house.id) as session:
        assert left(session) == []
        assert acts(session, "person.erased") == 1


def test_who_is_not_asked_or_erased(runtime: WorkerRuntime, house: House) -> None:
    with scoped(house.id) as session:
        gone = silent(session, house, 1)
        session.execute(text("UPDATE contact_points SET state = 'opted_out'"))
        where = {"countries": ["NP"], "subdivisions": ["JP-13"]}
        make_alert(session, house, area=where)
        make_alert(session, house, area={"countries": ["TR"], "subdivisions": []}, exercise=True)
        in_danger = silent(session, house, 2, stays=[{"country": "JP"}])
        in_need = silent(session, house, 3, stays=[{"country": "TR"}])
        open_case(session, in_need, None)
        fresh = make_person(session, house, "+999202000009", stays=[{"country": "TR"}])
    assert retain(runtime) == 0
    with scoped(house.id) as session:
        assert left(session) == [gone.id, in_danger.id, in_need.id, fresh.id]
        session.execute(text("UPDATE stays SET country = 'TR'"))
        session.execute(text("UPDATE cases SET state = 'closed'"))
    assert retain(runtime) == 2
    with scoped(house.id) as session:
        session.execute(text("UPDATE notices SET state = 'accepted' WHERE id = 1"))
    retain(runtime)
    with scoped(house.id) as session:
        session.execute(text("UPDATE stays SET country = 'JP' WHERE person_id = 2"))
        age(session, 31)
    assert retain(runtime) == 1, "whose question was never taken is asked again, the other is in danger"
    with scoped(house.id) as session:
        assert len(left(session)) == 4
        session.execute(text("UPDATE stays SET country = 'TR'"))
        session.execute(text("UPDATE contact_points SET state = 'unreachable'"))
    assert retain(runtime) == 0, "nobody is erased who can't be asked"


def test_any_sign_lets_one_stay(
    runtime: WorkerRuntime, keyring: Keyring, client: FlaskClient, house: House
) -> None:
    with scoped(house.id) as session:
        by_page, by_sms = silent(session, house, 1), silent(session, house, 2)
    assert retain(runtime) == 2
    with scoped(house.id) as session:
        notice = session.scalars(select(Notice).order_by(Notice.id)).first()
        assert notice
        words = open_content(house.vault, notice, session.get_one(Person, by_page.id))["text"]
        session.execute(text("UPDATE notices SET state = 'accepted'"))
    link = words.partition("rollcall.example")[2].split()[0]
    assert client.get(link).status_code == 200
    with unscoped() as session:
        heard = hear(session, keyring, Inbound("+999202000002", "1", "SM1"))
    assert heard.answers == ("Thank you. You stay registered.",)
    retain(runtime)
    with scoped(house.id) as session:
        age(session, 31)
    assert retain(runtime) == 0
    with scoped(house.id) as session:
        assert left(session) == [by_page.id, by_sms.id]
        assert session.scalar(select(func.min(Person.last_seen_at))) > datetime.now(UTC) - timedelta(hours=1)


def test_the_ledger_of_an_old_alert_becomes_counts(
    client: FlaskClient, keyring: Keyring, runtime: WorkerRuntime
) -> None:
    desk = new_desk(client, keyring)
    with scoped(desk.officer.organisation_id) as session:
        vault = desk.vault(session)
        house = House(vault.organisation, vault, desk.officer, desk.officer)
        approver = new_desk(client, keyring, email="second@example.org", sign_in=False).officer
        person = make_person(session, house)
        old = datetime.now(UTC) - timedelta(days=91)
        recent = make_alert(session, house, person, approver_id=approver.id)
        alert = make_alert(
            session, house, person, approver_id=approver.id, expires_at=old, approved=old, finished_at=old
        )
        for one in (alert, recent):
            session.add(
                Batch(organisation_id=house.id, alert_id=one.id, channel="sms", low=0, high=9, accepted=1)
            )
    with unscoped() as session:
        receive(session, keyring, Inbound(PHONE, "1", "SM1"))
    with scoped(house.id) as session:
        session.execute(text("UPDATE replies SET received_at = received_at - interval '91 days'"))
        session.execute(text("UPDATE checkins SET at = at - interval '91 days'"))
    assert retain(runtime) == 2
    assert retain(runtime) == 0
    with scoped(house.id) as session:
        parts = session.scalars(text("SELECT relid FROM pg_partition_tree('deliveries') WHERE isleaf"))
        assert f"deliveries_{alert.id}" not in parts.all()
        assert session.scalars(select(Delivery.alert_id)).all() == [recent.id]
        assert session.scalar(text("SELECT count(*) FROM replies")) == 0
        assert session.scalar(text("SELECT count(*) FROM checkins")) == 1
        kept = session.get_one(Alert, alert.id)
        assert (people_told(session, kept), tally(session, kept)["sms"]["accepted"]) == (1, 1)
        assert acts(session, "alert.ledger_removed") == 1
    assert "The details were removed on" in text_of(
        desk.open(f"/console/alerts/{alert.public_id}/deliveries")
    )


def test_what_was_never_confirmed_goes(runtime: WorkerRuntime, house: House) -> None:
    with scoped(house.id) as session:
        for number, source in enumerate((Source.WEB, Source.WEB, Source.API)):
            make_person(session, house, f"+99920200{number:04}").source = source
        session.execute(text("UPDATE contact_points SET state = 'unconfirmed'"))
        session.expire_all()  # what the session holds may be as it was before
        session.scalars(select(ContactPoint).order_by(ContactPoint.id)).first().state = ContactState.ACTIVE  # type: ignore[union-attr]
    assert retain(runtime) == 0
    with scoped(house.id) as session:
        for table in ("people", "contact_points"):
            session.execute(text(f"UPDATE {table} SET created_at = created_at - interval '8 days'"))
    assert retain(runtime) == 1
    with scoped(house.id) as session:
        assert left(session) == [1, 3]
    assert Periods().unconfirmed == timedelta(days=7)
