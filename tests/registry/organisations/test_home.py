from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from registry.crypto import Keyring
from registry.database import scoped
from registry.organisations.models import Role
from registry.people.intake import read_person
from registry.people.models import ContactState, Source
from registry.people.services import register
from tests.desk import Desk, new_desk, text_of


@pytest.fixture
def desk(client: FlaskClient, keyring: Keyring, database: str) -> Desk:
    return new_desk(client, keyring)


def add(desk: Desk, number: int, *stays: dict[str, str], state: ContactState = ContactState.ACTIVE) -> None:
    contacts = [{"channel": "sms", "address": f"+99970000{number:04}"}]
    with scoped(desk.officer.organisation_id) as session:
        intake = read_person({"language": "en", "contacts": contacts, "stays": list(stays)})
        person = register(session, desk.vault(session), intake, Source.WEB)
        person.contacts[0].state = state


def test_an_empty_registry_says_what_to_do(desk: Desk) -> None:
    answer = desk.open("/console/")
    assert "Nobody is registered yet" in text_of(answer)
    for path in ("/console/imports/new", "/console/people/new", "/register"):
        assert f'href="{path}"' in answer.text
        assert desk.open(path).status_code == 200


def test_who_may_not_import_is_not_told_to(client: FlaskClient, keyring: Keyring, database: str) -> None:
    answer = new_desk(client, keyring, Role.APPROVER).open("/console/")
    assert "/console/imports/new" not in answer.text


def test_figures_count_people_where_they_are_today(desk: Desk, keyring: Keyring) -> None:
    add(desk, 1, {"country": "TR", "subdivision": "TR-34"})
    add(desk, 2, {"country": "TR"}, {"country": "LB"}, state=ContactState.UNREACHABLE)
    add(desk, 3, {"country": "TR", "until": "2020-01-01"}, state=ContactState.UNCONFIRMED)
    other = new_desk(
        desk.client.application.test_client(), keyring, email="x@example.org", organisation="Else"
    )
    add(other, 1, {"country": "JP"})
    answer = desk.open("/console/")
    assert "People registered 3" in text_of(answer)
    assert "Contact points in use 1" in text_of(answer)
    assert "Unreachable 1" in text_of(answer)
    assert "People nobody can reach 2 None of their contacts is in use" in text_of(answer)
    assert "İstanbul 1" in text_of(answer)
    assert "In the last 30 days 3 In the last 6 months 0" in text_of(answer)
    assert "Nothing waits for you." in text_of(answer)
    assert "Waiting for their code 1" in text_of(answer)
    drawn, _, table = answer.text.partition("<table")
    spots = re.findall(r"<title>([^<]+)</title>\s*<use[^>]+#(\w\w)\"", drawn)
    assert spots == [("Lebanon: 1", "LB"), ("Türkiye: 2", "TR")]
    rows = re.findall(r"country=(\w\w)\".*?numeric\">(\d+)", table, re.DOTALL)
    assert rows == [("TR", "2"), ("LB", "1")]


def test_an_officer_works_in_the_language_of_their_choice(desk: Desk) -> None:
    desk.send("/console/account", {"language": "tlh"}, to="/console/account/language")
    assert 'lang="en"' in desk.open("/console/").text
    desk.send("/console/account", {"language": "ar"}, to="/console/account/language")
    answer = desk.open("/console/", headers={"Accept-Language": "fr"})
    assert '<html lang="ar" dir="rtl">' in answer.text
    assert "لم يُسجَّل أحد بعد" in text_of(answer)
    composer = text_of(desk.open("/console/alerts/new"))
    assert "زلزال" in composer and "Earthquake" not in composer.replace("Earthquake:", "")
    stranger = desk.client.application.test_client()
    assert '<html lang="en"' in stranger.get("/console/sign-in", headers={"Accept-Language": "uk"}).text
    assert "Mot de passe" in stranger.get("/console/sign-in?lang=fr").text
