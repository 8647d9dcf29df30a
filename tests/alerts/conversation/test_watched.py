"""What protects people whose phone is looked at, and what others say for them."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from alerts.audience.services import preview
from alerts.conversation.hearing import Heard, hear
from alerts.conversation.texts import say
from alerts.delivery.claims import claim
from alerts.delivery.models import Batch, Delivery, DeliveryState
from alerts.delivery.partitions import open_ledger
from alerts.lifecycle.intake import read_alert
from alerts.lifecycle.models import Alert, AlertState
from alerts.responses import duress
from alerts.responses.cases import read_words
from alerts.responses.models import Case, CaseOrigin, CheckIn, ReachBy, Reply
from alerts.responses.storing import Inbound
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.organisations.models import Organisation
from registry.organisations.services import create_organisation
from registry.people.links import new_link
from registry.people.models import Person
from registry.people.vault import Vault
from registry.sharing.models import Agreement, Consent
from tests.alerts.offices import Office, request
from tests.alerts.responses.making import PHONE, House, deliver, make_alert, make_house, make_person
from workers.duties import plan

OTHER = "+999201000002"
STRANGER = "+999201000009"


def write(keyring: Keyring, words: str, number: int, phone: str = PHONE) -> Heard:
    with unscoped() as session:
        return hear(session, keyring, Inbound(phone, words, f"SM{number}"))


def pair(keyring: Keyring) -> tuple[House, Person, Person]:
    """Two people who were told of an alert."""
    with unscoped() as session:
        house = make_house(session, keyring)
        people = make_person(session, house), make_person(session, house, phone=OTHER)
        make_alert(session, house, *people)
    return house, *people


def told(office: Office) -> Person:
    """Somebody at whom an alert in force has arrived."""
    person = office.register(contacts=[{"channel": "sms", "address": PHONE}])
    alert = office.approved()
    with scoped(office.organisation.id) as session:
        session.get_one(Alert, alert.id).state = AlertState.SENT
        open_ledger(session, alert.id)
        deliver(session, alert, person)
    return person


def test_a_secret_word_looks_like_all_is_well(app: APIFlask, office: Office, keyring: Keyring) -> None:
    house, person = office.organisation, told(office)
    for word in ("safe", "STOP", "help", "1", "ok", "x" * 41):
        assert not duress.fits(word), word
    with scoped(house.id) as session:
        mine = session.get_one(Person, person.id)
        mine.quiet = True
        token = new_link(session, mine)
    client, page = app.test_client(), f"/me/{token}"
    form = {"from": "", "until": "", "zone": "Asia/Tokyo", "secret": "help"}
    assert submit(client, f"{page}/quiet", form) == 422
    assert submit(client, f"{page}/quiet", form | {"secret": "lovely weather"}) == 303
    assert write(keyring, "Lovely weather!", 1).answers == (say("en", "safe"),)
    with scoped(house.id) as session:
        case, stated = session.scalars(select(Case)).one(), session.scalars(select(CheckIn)).one()
        assert (case.duress, case.reach_by, stated.safety.value) == (True, ReachBy.NONE, "help")
        reply = session.scalars(select(Reply)).one()
        assert (reply.needs_reading, reply.case_id, reply.meaning.value) == (True, case.id, "safe")
    shown = client.get(page).text
    assert "You told us that you are safe" in shown
    assert "What do you need?" not in shown
    held = client.get(f"{page}/download").json
    assert (held["checkins"][0]["safety"], held["cases"], held["replies"][0]["understood"]) == (
        "safe",
        [],
        "safe",
    )
    assert "lovely" not in str(held["history"])


def submit(client: FlaskClient, page: str, form: dict[str, Any], to: str | None = None) -> int:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token
    return client.post(to or page, data={"csrf_token": token[1], **form}).status_code


def test_needs_are_told_on_ones_own_page_too(client: FlaskClient, office: Office, keyring: Keyring) -> None:
    house, person = office.organisation, told(office)
    with scoped(house.id) as session:
        page = f"/me/{new_link(session, session.get_one(Person, person.id))}"
    assert "What do you need?" not in client.get(page).text
    write(keyring, "2", 1)
    form = {"needs": ["41", "44", "99"], "reach": "none", "words": "second floor\0"}
    assert submit(client, page, form, f"{page}/needs") == 303
    with scoped(house.id) as session:
        case = session.scalars(select(Case)).one()
        assert (case.needs, case.reach_by, case.priority) == (["hurt", "cannot_leave"], ReachBy.NONE, 1)
        assert read_words(Vault.open(session, keyring, house.id), case) == "second floor"
    assert 'value="41" id="needs" checked' in client.get(page).text


def test_a_word_for_another_is_never_stronger_than_their_own(database: str, keyring: Keyring) -> None:
    house, person, other = pair(keyring)
    for number, reference in enumerate((other.reference, "ZZZZ-ZZZZ")):
        answers = write(keyring, f"1 {reference}", number).answers
        assert answers == (say("en", "told", reference=reference),), "whether there is such a person or not"
    assert stated(house, other) == ("safe", "registered")
    write(keyring, "2", 3, OTHER)
    assert stated(house, other) == ("help", None)
    write(keyring, f"{other.reference.lower()} is safe", 4, STRANGER)
    assert stated(house, other) == ("help", None), "their own word stays"
    assert write(keyring, f"{other.reference} is safe", 4, STRANGER).answers == (), "the same message again"
    write(keyring, f"help for {person.reference}", 5, STRANGER)
    assert stated(house, person) == ("help", "stranger")
    with scoped(house.id) as session:
        case = session.scalars(select(Case).where(Case.person_id == person.id)).one()
        assert (case.origin, case.told_by and case.told_by.value) == (CaseOrigin.RELATIVE, "stranger")
        reply = session.scalars(select(Reply).where(Reply.provider_id == "SM5")).one()
        assert (reply.person_id, reply.needs_reading, reply.case_id) == (person.id, True, case.id)
    for number in range(6, 12):
        answers = write(keyring, f"1 {person.reference}", number, STRANGER).answers
    assert answers == (), "a stranger speaks for few"


def stated(house: House, person: Person) -> tuple[str, str | None]:
    with scoped(house.id) as session:
        row = session.scalars(select(CheckIn).where(CheckIn.person_id == person.id)).one()
        return row.safety.value, row.told_by and row.told_by.value


def test_each_recipient_needs_a_consent_of_its_own(database: str, keyring: Keyring) -> None:
    house, *_ = pair(keyring)
    with unscoped() as session:
        partners = [
            create_organisation(session, keyring, name, sender_name=name) for name in ("IOM", "Red Cross")
        ]
    with scoped(house.id) as session:
        for partner in partners:
            session.add(
                Agreement(
                    organisation_id=house.id, recipient_id=partner.id, purpose="Buses", countries=["JP"],
                    starts=date(2020, 1, 1), ends=date(2099, 1, 1), recorded_by_id=house.author.id,
                    countersigned_by_id=house.approver.id, countersigned_at=datetime.now(UTC),
                )
            )  # fmt: skip
    write(keyring, "2", 1)
    write(keyring, "42", 2)
    assert write(keyring, "61", 3).answers == (say("en", "consent", name="IOM"),)
    assert write(keyring, "71 only for the bus", 4).answers == (say("en", "consent", name="Red Cross"),)
    assert write(keyring, "72", 5).answers == (say("en", "needs_done"),)
    with scoped(house.id, *(one.id for one in partners)) as session:
        [given] = session.scalars(select(Agreement).join(Consent, Consent.agreement_id == Agreement.id))
        assert given.recipient_id == partners[0].id
        assert read_words(house.vault, session.scalars(select(Case)).one()) == "IOM: only for the bus"


def test_quiet_messages_wait_for_chosen_hours(office: Office, keyring: Keyring) -> None:
    """Of three the one outside theirs waits, never past the alert's end; extreme danger doesn't."""
    people = [office.register(quiet=True), office.register(quiet=True), office.register()]
    clock = datetime.now(UTC)
    hours = [
        (clock - timedelta(hours=2), clock - timedelta(hours=1)),
        (clock - timedelta(hours=1), clock + timedelta(hours=1)),
    ]
    with scoped(office.organisation.id) as session:
        for person, (start, end) in zip(people, hours, strict=False):
            mine = session.get_one(Person, person.id)
            mine.hours_from, mine.hours_until, mine.time_zone = start.time(), end.time(), "UTC"
    severe, extreme = office.approved(channels=["sms"]), office.approved(channels=["sms"], severity="extreme")
    plan()
    with scoped(office.organisation.id) as session:
        taken = {}
        for batch in session.scalars(select(Batch).order_by(Batch.id)).all():
            held = claim(session, batch.id, "sandbox")
            assert held is not None
            taken[batch.alert_id] = len(held.recipients)
        assert taken == {severe.id: 2, extreme.id: 3}
        waits = session.scalars(select(Delivery).where(Delivery.code == "hours")).one()
        assert (waits.state, waits.attempts, waits.claimed_at) == (DeliveryState.PENDING, 0, None)
        opens = hours[0][0] + timedelta(days=1)
        assert abs(waits.next_attempt_at - opens) < timedelta(seconds=2)
        batch = session.scalars(select(Batch).where(Batch.alert_id == severe.id)).one()
        session.refresh(batch)
        assert (batch.pending, batch.claimed, batch.reasons) == (1, 2, {"0:hours": 1})
    with scoped(office.organisation.id) as session:
        body = session.get_one(Organisation, office.organisation.id)
        found = preview(session, body, read_alert(request(channels=["sms"])))
        assert found.waiting == 1
        assert preview(session, body, read_alert(request(severity="extreme"))).waiting == 0


def test_many_answer_at_once_and_none_is_lost(database: str, keyring: Keyring) -> None:
    """Each twice, on several threads, as a provider that tries again does."""
    with unscoped() as session:
        house = make_house(session, keyring)
        phones = [f"+9992020{number:05}" for number in range(30)]
        people = [make_person(session, house, phone=phone) for phone in phones]
        make_alert(session, house, *people)

    def answer(number: int) -> int:
        place = number % len(phones)
        return len(write(keyring, "2" if place % 3 else "1", place, phones[place]).answers)

    with ThreadPoolExecutor(5) as threads:
        answers = sum(threads.map(answer, range(2 * len(phones))))
    assert answers == 20 * 2 + 10, "help is acknowledged and asked about, safety acknowledged, each once"
    with scoped(house.id) as session:
        counts = {
            row[0]: row[1]
            for row in session.execute(select(CheckIn.safety, func.count()).group_by(CheckIn.safety))
        }
        assert {key.value: number for key, number in counts.items()} == {"safe": 10, "help": 20}
        assert session.scalar(select(func.count()).select_from(Case)) == 20
        assert session.scalar(text("SELECT count(*) FROM replies")) == 30
