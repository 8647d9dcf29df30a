from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alerts.lifecycle.models import Alert, AlertState
from alerts.responses.models import Case, CheckIn
from alerts.responses.receiving import receive
from alerts.responses.storing import Inbound
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.people.links import new_link
from registry.people.models import Person
from tests.alerts.offices import Office

BOX = "Alert in force where you are"
PHONE = "+999202222222"


def sent(office: Office, **changes: Any) -> Alert:
    alert = office.approved(**changes)
    with scoped(office.organisation.id) as session:
        found = session.get_one(Alert, alert.id)
        found.state = AlertState.SENT
        return found


@pytest.fixture
def person(office: Office) -> Person:
    return office.register(contacts=[{"channel": "sms", "address": PHONE}])


@pytest.fixture
def page(office: Office, person: Person) -> str:
    with scoped(office.organisation.id) as session:
        return f"/me/{new_link(session, person)}"


def answer(client: FlaskClient, page: str, safety: str, alert: str | None = None) -> int:
    shown = client.get(page).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    offered = re.search(r'name="alert" value="([^"]+)"', shown)
    assert token
    data = {"csrf_token": token[1], "safety": safety, "alert": alert or (offered[1] if offered else "")}
    return client.post(page + "/check-in", data=data).status_code


def test_who_is_where_an_alert_is_in_force_can_say_how_they_are(
    client: FlaskClient, office: Office, page: str
) -> None:
    alert = sent(office)
    shown = client.get(page).text
    assert BOX in shown
    assert "Earthquake. Stay outdoors." in shown
    assert answer(client, page, "safe") == 303
    assert "You told us that you are safe" in client.get(page).text
    assert answer(client, page, "help") == 303
    assert "You told us that you need help" in client.get(page).text
    with scoped(office.organisation.id) as session:
        stated = session.scalars(select(CheckIn)).one()
        assert (stated.alert_id, stated.safety.value, stated.via) == (alert.id, "help", "web")
        assert session.scalars(select(Case)).one().alert_id == alert.id


def test_the_text_is_in_the_language_of_the_page(client: FlaskClient, office: Office, page: str) -> None:
    sent(office)
    assert "Séisme. Restez dehors." in client.get(page + "?lang=fr").text
    arabic = client.get(page + "?lang=ar").text
    assert "تنبيه سارٍ حيث أنت" in arabic
    assert '<div lang="en" dir="ltr">' in arabic, "no Arabic text: the default one, marked as what it is"


@pytest.mark.parametrize(
    "changes",
    [
        {"area": {"countries": ["FR"]}},
        {"filters": {"languages": ["fr"]}},
    ],
)
def test_an_alert_for_others_is_not_shown(
    client: FlaskClient, office: Office, page: str, changes: dict[str, Any]
) -> None:
    alert = sent(office, **changes)
    assert BOX not in client.get(page).text
    assert answer(client, page, "safe", str(alert.public_id)) == 404


def test_an_alert_that_is_over_is_not_shown(client: FlaskClient, office: Office, page: str) -> None:
    alert = sent(office)
    with scoped(office.organisation.id) as session:
        session.get_one(Alert, alert.id).expires_at = datetime.now(UTC) - timedelta(minutes=1)
    assert BOX not in client.get(page).text


def test_a_thread_shows_its_latest_alert_until_the_all_clear(
    client: FlaskClient, office: Office, page: str
) -> None:
    first = sent(office)
    texts = {"en": {"sms": "The road is open.", "subject": "Update", "body": "The road is open."}}
    sent(office, type="update", follows=str(first.public_id), texts=texts)
    shown = client.get(page).text
    assert shown.count(BOX) == 1
    assert "The road is open." in shown
    sent(office, type="all_clear", follows=str(first.public_id))
    assert BOX not in client.get(page).text


@pytest.mark.parametrize("safety", ["", "fine", "SAFE"])
def test_an_answer_that_is_none_is_refused(
    client: FlaskClient, office: Office, page: str, safety: str
) -> None:
    sent(office)
    assert answer(client, page, safety) == 404
    with scoped(office.organisation.id) as session:
        assert not session.scalars(select(CheckIn)).all()


def test_a_dead_link_says_what_to_do(client: FlaskClient, office: Office, page: str) -> None:
    sent(office)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token
    assert client.post("/me/unknown/check-in", data={"csrf_token": token[1]}).status_code == 404
    assert client.post(page + "/check-in", data={}).status_code == 400


def test_the_download_holds_what_was_answered(
    client: FlaskClient, office: Office, page: str, keyring: Keyring
) -> None:
    sent(office)
    answer(client, page, "help")
    with unscoped() as session:
        receive(session, keyring, Inbound(PHONE, "it is getting better", "SM1"))
    held = json.loads(client.get(page + "/download").data)
    assert [row["safety"] for row in held["checkins"]] == ["help"]
    assert [row["text"] for row in held["replies"]] == ["it is getting better"]
    assert [row["state"] for row in held["cases"]] == ["open"]
