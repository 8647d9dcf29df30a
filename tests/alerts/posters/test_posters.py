from __future__ import annotations

from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient

from alerts.conversation.commands import command_in
from alerts.posters.sheets import make_sheet
from registry.crypto import Keyring
from registry.database import scoped
from registry.i18n import LANGUAGES
from registry.organisations.models import Post, PostCountry
from tests.alerts.offices import Office
from tests.desk import new_desk, text_of


def test_the_codes_lead_where_one_joins(office: Office) -> None:
    ours = office.organisation
    for language in LANGUAGES:
        sheet = make_sheet("https://alerts.example", "+15005550006", ours, "LB", language)
        assert (
            sheet.page.address == f"https://alerts.example/register/LB?lang={language}&with={ours.public_id}"
        )
        assert sheet.message is not None
        assert sheet.message.address.startswith("sms:+15005550006?body=")
        assert sheet.message.address.isascii()
        command = command_in(sheet.word)
        assert command is not None, "what is sent starts the conversation"
        assert command.name == "join"
    assert (sheet.shown, sheet.number) == ("alerts.example/register/LB", "+1 500-555-0006")


def test_an_officer_prints_them(app: Flask, client: FlaskClient, keyring: Keyring, office: Office) -> None:
    desk = new_desk(client, keyring, organisation="Consulate of Freedonia")
    with scoped(office.organisation.id) as session:
        countries = [PostCountry(country="NP")]
        session.add(
            Post(organisation_id=office.organisation.id, name="Office in Kathmandu", countries=countries)
        )
    page = desk.open("/console/posters/?country=NP&language=all")
    assert page.text.count('class="poster"') == len(LANGUAGES)
    assert "En cas de crise" in page.text
    assert "Office in Kathmandu" in page.text
    assert "JOIN_NUMBER" in text_of(page)
    app.extensions["rollcall"] = replace(app.extensions["rollcall"], join_number="+15005550006")
    one = desk.open("/console/posters/?country=NP&language=ne")
    assert one.text.count('class="poster"') == 1
    assert "+1 500-555-0006" in text_of(one)
    assert "JOIN_NUMBER" not in text_of(one)
    wrong = client.get("/console/posters/?country=XX&language=tlh")
    assert wrong.status_code == 422
    assert "Choose a country." in text_of(wrong)


def test_a_posters_address_names_who_hung_it(client: FlaskClient, keyring: Keyring, office: Office) -> None:
    Office.open(keyring, "Embassy of Sylvania")
    page = client.get(f"/register/NP?with={office.organisation.public_id}").text
    assert f'value="{office.organisation.public_id}" id="organisation" checked' in page or (
        f'value="{office.organisation.public_id}" id="organisation-2" checked' in page
    )
