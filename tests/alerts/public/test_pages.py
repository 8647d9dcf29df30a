from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from registry.crypto import Keyring
from registry.database import scoped
from tests.alerts.console.sending import send
from tests.alerts.offices import Office
from tests.desk import text_of

TEXTS = {
    "en": {
        "sms": "Stay out.",
        "subject": "Earthquake in Pokhara",
        "body": "Stay <outdoors>.\n\nMore will come.",
    },
    "ar": {"sms": "ابقوا في الخارج"},
}


def read(client: FlaskClient, path: str, language: str = "en") -> str:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return text_of(answer)


def test_nothing_in_force(client: FlaskClient) -> None:
    assert "No alert is in force anywhere" in read(client, "/alerts/")
    assert "No alert is in force here" in read(client, "/alerts/NP")


def test_what_has_gone_out_is_there_for_everyone(
    client: FlaskClient, office: Office, keyring: Keyring
) -> None:
    office.register("sms", name="Ana Example")
    alert = office.approved(texts=TEXTS, area={"countries": ["NP"], "subdivisions": ["NP-P3"]})
    assert "No alert is in force here" in read(client, "/alerts/NP"), "approved is not gone out yet"
    send(office, alert)
    other = Office.open(keyring, "Embassy of Sylvania")
    send(other, other.approved(level="mandatory_return"))
    assert "Nepal 2 alerts" in read(client, "/alerts/")
    page = read(client, "/alerts/NP")
    assert page.index("Embassy of Sylvania") < page.index("Consulate of Freedonia"), "the gravest comes first"
    assert "Leave now" in page
    assert "Earthquake in Pokhara" in page
    assert "Stay <outdoors>." in page
    assert "Bagmati" in page
    assert "(Nepal Time)" in page
    assert "Ana" not in page
    assert "No alert is in force here" in read(client, "/alerts/IN")


def test_in_the_readers_language_or_the_next_best(client: FlaskClient, office: Office) -> None:
    send(office, office.approved(texts=TEXTS, channels=["sms"]))
    arabic = client.get("/alerts/NP?lang=ar")
    assert '<html lang="ar" dir="rtl">' in arabic.text
    assert '<p class="notice__text" lang="ar" dir="rtl">ابقوا في الخارج</p>' in arabic.text
    assert "زلزال" in text_of(arabic)
    client.delete_cookie("lang")
    assert "Stay <outdoors>." in read(client, "/alerts/NP", "fr")
    assert "Séisme" in read(client, "/alerts/NP", "fr")


def test_what_is_not_in_force_is_not_shown(client: FlaskClient, office: Office) -> None:
    send(office, office.approved(exercise=True))
    office.draft()
    office.move(office.approved(), "pause")
    office.move(office.approved(), "cancel")
    assert "No alert is in force anywhere" in read(client, "/alerts/")


def test_a_thread_shows_its_last_word(client: FlaskClient, office: Office) -> None:
    alert = office.approved()
    send(office, alert)
    update = office.approved(type="update", follows=str(alert.public_id), texts={"en": TEXTS["en"]})
    send(office, update)
    page = read(client, "/alerts/NP")
    assert "Update: Earthquake" in page
    assert "Stay outdoors. From" not in page
    clear = office.approved(
        type="all_clear", texts={"en": {"sms": "Over.", "subject": "Over", "body": "All over."}}
    )
    send(office, clear)
    page = read(client, "/alerts/NP")
    assert "The danger is over: Earthquake" in page
    assert "Avoid the places named" not in page
    send(
        office,
        office.approved(type="cancel", texts={"en": {"sms": "x", "subject": "x", "body": "A mistake."}}),
    )
    assert "No alert is in force here" in read(client, "/alerts/NP")


def test_an_alert_ends_with_its_time(client: FlaskClient, office: Office) -> None:
    alert = office.approved()
    send(office, alert)
    with scoped(office.organisation.id) as session:
        session.merge(alert).expires_at = alert.created_at
    assert "No alert is in force here" in read(client, "/alerts/NP")


def test_a_cache_may_keep_it_for_a_while(client: FlaskClient) -> None:
    answer = client.get("/alerts/NP")
    assert answer.cache_control.public
    assert answer.cache_control.max_age == 30
    assert "Set-Cookie" not in answer.headers
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)
    assert not client.get("/alerts/NP?lang=fr").cache_control.public


@pytest.mark.parametrize(
    ("path", "status"), [("/alerts/xx", 404), ("/alerts/np", 302), ("/alerts/?country=NP", 302)]
)
def test_addresses(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status
