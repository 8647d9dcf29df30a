from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import select, text

from alerts.delivery.models import Delivery
from alerts.followups.board import board
from alerts.followups.due import ask_due, warn_of_promises
from alerts.followups.services import ask_again, no_news, set_ask_again
from alerts.lifecycle.models import Alert, Standing
from alerts.responses.concerning import alerts_concerning
from alerts.responses.models import CheckIn, Safety
from alerts.responses.services import check_in
from registry.crypto import Keyring
from registry.database import scoped
from registry.errors import Conflict
from registry.notices.models import OfficerMail
from registry.organisations.scope import everywhere
from registry.organisations.services import actor_of
from registry.people.models import ContactPoint, Person
from tests.alerts.console.conftest import desk_of
from tests.alerts.console.sending import send
from tests.alerts.offices import Office
from tests.desk import Desk, text_of


@pytest.fixture
def author(app: APIFlask, office: Office) -> Desk:
    return desk_of(app, office.keyring, office.author)


def reached(office: Office, alert: Alert) -> set[tuple[int, str]]:
    """People, and by which channel an alert reached them."""
    with scoped(office.organisation.id) as session:
        rows = session.execute(
            select(ContactPoint.person_id, Delivery.channel)
            .join(Delivery, Delivery.contact_point_id == ContactPoint.id)
            .where(Delivery.alert_id == alert.id, Delivery.state.in_([20, 30, 50]))
        )
        return {(row.person_id, row.channel) for row in rows}


def follow(office: Office, alert: Alert) -> Alert:
    """The message that was made last about an alert, sent."""
    with scoped(office.organisation.id) as session:
        made = session.scalars(
            select(Alert).where(Alert.about_id == alert.id).order_by(Alert.id.desc())
        ).first()
        assert made
    send(office, made)
    return made


def answer(office: Office, person: Person, alert: Alert, safety: Safety) -> None:
    with scoped(office.organisation.id) as session:
        check_in(session, session.get_one(Person, person.id), alert.id, safety, "sms")


def later(office: Office, **minutes: int) -> None:
    """Let moments of all alerts have been earlier than they were."""
    with scoped(office.organisation.id) as session:
        for column, number in minutes.items():
            session.execute(
                text(f"UPDATE alerts SET {column} = {column} - make_interval(mins => :number)"),
                {"number": number},
            )


def test_the_silent_are_asked_again_once_and_then_by_their_next_contact(
    office: Office, keyring: Keyring, author: Desk
) -> None:
    safe, silent, lone = office.register(), office.register("sms", "email"), office.register()
    alert = office.approved(channels=["sms"])
    send(office, alert)
    answer(office, safe, alert, Safety.SAFE)
    path = f"/console/alerts/{alert.public_id}/checkins"
    words = text_of(author.open(path))
    assert "Need help 0 Are safe 1 Have not answered 2" in words
    assert "Nepal 0 2 1" in words
    assert silent.reference in text_of(author.open(f"{path}?safety=silent"))
    quiet = author.open(path, headers={"X-Poll": "1"})
    assert safe.reference not in quiet.text, "what polls by itself shows counts only"
    with scoped(office.organisation.id) as session:
        set_ask_again(session, actor_of(office.author), session.get_one(Alert, alert.id), 60)

    def due() -> int:
        with everywhere() as session:
            return ask_due(session)

    assert due() == 0, "not yet"
    later(office, first_sent_at=61)
    assert due() == 1 and due() == 0
    first = follow(office, alert)
    assert reached(office, first) == {(silent.id, "sms"), (lone.id, "sms")}
    answer(office, lone, first, Safety.HELP)
    with scoped(office.organisation.id) as session:
        assert set(session.scalars(select(CheckIn.alert_id))) == {alert.id}, (
            "an answer is one to the alert itself"
        )
        concerning = alerts_concerning(session, session.get_one(Person, silent.id))
        assert [one.id for one in concerning] == [alert.id], "a question again is no alert of its own"
        found = board(session, session.get_one(Alert, alert.id))
        assert [tuple(need) for need in found.needs] == [("not said", 1)] and found.unreachable == 0
    assert "asked again" in text_of(
        author.send(path, {"do": "now"}, to=f"/console/alerts/{alert.public_id}/ask-again")
    )
    second = follow(office, alert)
    assert second.standing is Standing.NEXT_CONTACT
    assert reached(office, second) == {(silent.id, "email")}
    with pytest.raises(Conflict), scoped(office.organisation.id) as session:
        ask_again(session, actor_of(office.author), session.get_one(Alert, alert.id))
    later(office, first_sent_at=600)
    assert due() == 1 and due() == 0, "last come the emergency contacts"
    assert "emergency contacts that they named are asked" in text_of(author.open(path))


def test_a_promise_is_minded_and_no_news_goes_to_exactly_those_reached(
    office: Office, keyring: Keyring, author: Desk
) -> None:
    told = office.register()
    promised = datetime.now(UTC) + timedelta(minutes=10)
    alert = office.approved(next_update_at=promised.isoformat())
    send(office, alert)
    office.register()  # came too late for the alert

    def mails() -> int:
        with everywhere() as session:
            warn_of_promises(session, keyring, "http://x.example")
            return len(session.scalars(select(OfficerMail)).all())

    assert mails() == 1 and mails() == 1, "the approver, once"
    assert f"promised an update at {promised:%H:%M} UTC" in text_of(author.open("/console/alerts"))
    path = f"/console/alerts/{alert.public_id}"
    author.send(f"{path}/checkins", {"hours": "3"}, to=f"{path}/no-news")
    assert reached(office, follow(office, alert)) == {(told.id, "sms")}
    assert "promised an update" not in text_of(author.open("/console/alerts"))
    again = author.send(f"{path}/checkins", {"hours": "3"}, to=f"{path}/no-news")
    assert "told so a moment ago" in text_of(again)
    assert mails() == 1
    with scoped(office.organisation.id) as session:
        found = session.get_one(Alert, alert.id)
        with pytest.raises(Conflict):
            no_news(session, actor_of(office.author), found, found.expires_at + timedelta(hours=1))
        draft = office.draft()
        with pytest.raises(Conflict):
            ask_again(session, actor_of(office.author), session.get_one(Alert, draft.id))
