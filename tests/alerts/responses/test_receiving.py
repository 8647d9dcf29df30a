from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts.delivery.models import DeliveryState
from alerts.responses.models import Case, CheckIn, Meaning, Reply, Safety
from alerts.responses.receiving import Received, receive
from alerts.responses.storing import Inbound
from registry.audit.models import AuditEntry
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.database.session import set_scope
from registry.people.models import ContactPoint, ContactState, Reach
from registry.people.vault import cipher_of
from tests.alerts.responses.making import PHONE, deliver, make_alert, make_house, make_person

pytestmark = pytest.mark.usefixtures("database")


def send(keyring: Keyring, text: str, sid: str = "SM1", address: str = PHONE) -> Received:
    with unscoped() as session:
        return receive(session, keyring, Inbound(address, text, sid))


def safety(session: Session) -> list[tuple[int, str]]:
    return [(row.alert_id, row.safety.value) for row in session.scalars(select(CheckIn).order_by(CheckIn.id))]


def test_a_digit_checks_in_for_the_latest_alert_and_is_kept_sealed(keyring: Keyring) -> None:
    with unscoped() as session:
        house = make_house(session, keyring)
        person = make_person(session, house, language="ar")
        make_alert(session, house, person, approved=datetime.now(UTC) - timedelta(hours=2))
        latest = make_alert(session, house, person, approved=datetime.now(UTC) - timedelta(hours=1))
        make_alert(session, house)  # newer, but not to this person
    received = send(keyring, "١")
    assert (received.meaning, received.language, received.repeated) == (Meaning.SAFE, "ar", False)
    with scoped(house.id) as session:
        assert safety(session) == [(latest.id, "safe")]
        reply = session.scalars(select(Reply)).one()
        assert (reply.alert_id, reply.person_id) == (latest.id, person.id)
        assert reply.sealed_text is not None
        assert "١".encode() not in reply.sealed_text
        row = b"replies.text:" + person.public_id.bytes
        assert cipher_of(house.vault.keys, person).open(reply.sealed_text, row).decode() == "١"


def test_the_later_statement_wins_and_one_case_is_opened(keyring: Keyring) -> None:
    with unscoped() as session:
        house = make_house(session, keyring)
        alert = make_alert(session, house, make_person(session, house))
    for number, text in enumerate(["1", "help", "2", "we are trapped"]):
        send(keyring, text, f"SM{number}")
    with scoped(house.id) as session:
        assert safety(session) == [(alert.id, "help")]
        assert [case.alert_id for case in session.scalars(select(Case))] == [alert.id]
    send(keyring, "safe now", "SM9")
    with scoped(house.id) as session:
        assert safety(session) == [(alert.id, "safe")]
        assert session.scalars(select(Case)).one().state.value == "open"


def test_the_same_message_twice_counts_once(keyring: Keyring) -> None:
    with unscoped() as session:
        house = make_house(session, keyring)
        make_alert(session, house, make_person(session, house))
    assert not send(keyring, "2", "SM1").repeated
    send(keyring, "1", "SM2")
    assert send(keyring, "2", "SM1").repeated
    with scoped(house.id) as session:
        assert session.scalar(select(func.count()).select_from(Reply)) == 2
        assert [word for _, word in safety(session)] == ["safe"]


def test_a_call_for_help_without_any_alert_opens_a_case_all_the_same(keyring: Keyring) -> None:
    with unscoped() as session:
        house = make_house(session, keyring)
        person = make_person(session, house)
    send(keyring, "2", "SM1")
    send(keyring, "help", "SM2")
    with scoped(house.id) as session:
        case = session.scalars(select(Case)).one()
        assert (case.alert_id, case.person_id) == (None, person.id)
        assert safety(session) == []


def test_only_the_organisation_that_sent_the_alert_gets_the_answer(keyring: Keyring) -> None:
    with unscoped() as session:
        quiet = make_house(session, keyring, "Union of Seafarers")
        make_person(session, quiet)
        loud = make_house(session, keyring, "Consulate of Freedonia")
        alert = make_alert(session, loud, make_person(session, loud))
    send(keyring, "2")
    with scoped(quiet.id) as session:
        assert not session.scalars(select(Case)).all()
        assert not session.scalars(select(CheckIn)).all()
        assert session.scalars(select(Reply)).one().alert_id is None
    with scoped(loud.id) as session:
        assert session.scalars(select(Case)).one().alert_id == alert.id


def test_stop_and_start_hold_for_every_organisation_and_are_audited(keyring: Keyring) -> None:
    with unscoped() as session:
        houses = [make_house(session, keyring, name) for name in ("One", "Two")]
        for house in houses:
            set_scope(session, house.id)
            make_person(session, house)
    assert send(keyring, "توقف", "SM1").meaning is Meaning.STOP
    for house in houses:
        with scoped(house.id) as session:
            assert session.scalars(select(ContactPoint.state)).one() is ContactState.OPTED_OUT
            assert session.scalars(select(Reach.state)).one() == "opted_out"
    send(keyring, "start", "SM2")
    for house in houses:
        with scoped(house.id) as session:
            assert session.scalars(select(ContactPoint.state)).one() is ContactState.ACTIVE
            acts = session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)).all()
            assert acts == ["contact.opt_out", "contact.opt_in"]


def test_a_stranger_leaves_no_trace(keyring: Keyring) -> None:
    with unscoped() as session:
        house = make_house(session, keyring)
        make_alert(session, house, make_person(session, house))
    assert send(keyring, "2", address="+999209999999").language is None
    with scoped(house.id) as session:
        assert not session.scalars(select(Reply)).all()
        assert not session.scalars(select(Case)).all()


def test_an_alert_that_came_by_email_can_be_answered_by_sms(keyring: Keyring) -> None:
    contacts = [{"channel": "sms", "address": PHONE}, {"channel": "email", "address": "ada@example.org"}]
    with unscoped() as session:
        house = make_house(session, keyring)
        person = make_person(session, house, contacts=contacts)
        alert = make_alert(session, house)
        deliver(session, alert, person, DeliveryState.SUPPRESSED)
    send(keyring, "1", "SM1")
    with scoped(house.id) as session:
        assert safety(session) == [], "it was never handed over"
        alert = make_alert(session, house, person)
    send(keyring, "1", "SM2")
    with scoped(house.id) as session:
        assert safety(session) == [(alert.id, "safe")]
        assert session.scalars(select(CheckIn)).one().via == "sms"


def test_who_writes_without_end_is_heard_but_no_longer_answered(keyring: Keyring) -> None:
    with unscoped() as session:
        house = make_house(session, keyring)
        make_alert(session, house, make_person(session, house))
    answers = [send(keyring, "out of office", f"SM{number}").talkative for number in range(12)]
    assert not any(answers[:5])
    assert all(answers[8:])
    assert send(keyring, "2", "SM99").meaning is Meaning.HELP
    with scoped(house.id) as session:
        assert [word for _, word in safety(session)] == [Safety.HELP]


@pytest.mark.parametrize("text", ["", "\x00", "é" * 5000, "\U0001f4a9"])
def test_any_text_can_be_kept(keyring: Keyring, text: str) -> None:
    with unscoped() as session:
        house = make_house(session, keyring)
        make_person(session, house)
    assert send(keyring, text).meaning is Meaning.OTHER
    with scoped(house.id) as session:
        assert session.scalars(select(Reply)).one().meaning is Meaning.OTHER
