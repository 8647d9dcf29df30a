from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.organisations.models import Organisation, Post, PostCountry
from registry.organisations.services import create_organisation
from registry.people.models import ContactCode, ContactPoint, ContactState, Person, Stay
from registry.people.vault import Vault
from tests.registry.people.pages.visitor import PHONE, TOKEN, Visitor, text_of


def people(organisation: Organisation) -> list[Person]:
    with scoped(organisation.id) as session:
        return list(session.scalars(select(Person).order_by(Person.id)))


def states(organisation: Organisation) -> list[ContactState]:
    with scoped(organisation.id) as session:
        return list(session.scalars(select(ContactPoint.state).order_by(ContactPoint.id)))


def test_joining_needs_country_contact_and_language_only(
    visitor: Visitor, organisation: Organisation
) -> None:
    page = visitor.join()
    assert page.status_code == 200
    assert "+99 ••• ••56" in text_of(page)
    assert states(organisation) == [ContactState.UNCONFIRMED]
    code = visitor.inbox(organisation)[0]
    assert (code.address, code.subject) == (PHONE, "Your code")
    own = visitor.send("/register/confirm", {"code": code.code})
    assert "You are registered" in text_of(own)
    assert states(organisation) == [ContactState.ACTIVE]
    link = visitor.inbox(organisation)[1].link
    assert f"http://127.0.0.1:8000{link}" in text_of(own)
    assert "Lebanon" in text_of(visitor.open(link))


def test_everything_optional_is_kept(visitor: Visitor, organisation: Organisation) -> None:
    visitor.join(
        name="Amal  Haddad", nationality="SY", subdivision="LB-BA", place="Beirut", household_size="4",
        kind="worker", until="2031-05-01", quiet="yes", language="ar",
    )  # fmt: skip
    person = people(organisation)[0]
    assert (person.nationality, person.household_size, person.kind, person.quiet, person.language) == (
        "SY", 4, "worker", True, "ar",
    )  # fmt: skip
    with scoped(organisation.id) as session:
        stay = session.scalars(select(Stay)).one()
        vault = Vault.open(session, visitor.keyring, organisation.id)
        assert (stay.country, stay.subdivision, str(stay.ends)) == ("LB", "LB-BA", "2031-05-01")
        assert (vault.place(stay), vault.name(stay.person)) == ("Beirut", "Amal Haddad")


def test_a_local_number_is_read_with_its_own_country(visitor: Visitor, organisation: Organisation) -> None:
    visitor.join("LB", phone="٠٦ ١٢ ٣٤ ٥٦ ٧٨", phone_country="FR")
    assert visitor.inbox(organisation)[0].address == "+33612345678"


def test_the_address_counts_that_was_filled_in(visitor: Visitor, organisation: Organisation) -> None:
    visitor.join(channel="sms", phone="", email="Ana@Example.org ")
    assert visitor.inbox(organisation)[0].address == "ana@example.org"


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"phone": "", "email": ""}, "phone", "Enter a phone number or an email address."),
        ({"phone": "12"}, "phone", "This is not a phone number of that country."),
        ({"channel": "email", "phone": "", "email": "nobody"}, "email", "This is not an email address."),
        ({"language": ""}, "language", "Choose a language."),
        ({"language": "klingon"}, "language", "Choose a language from the list."),
        ({"household_size": "0"}, "household_size", "Enter a whole number from 1 to 50."),
        ({"until": "soon"}, "until", "Enter a real date"),
        ({"until": "2020-01-31"}, "until", "This day is past."),
        ({"phone": "0612345678", "phone_country": "ZZ"}, "phone_country", "Choose a country from the list."),
        ({"name": "x" * 121}, "name", "This is too long."),
        ({"name": "a\x00b"}, "name", "characters that cannot be shown"),
        ({"subdivision": "FR-75"}, "subdivision", "Choose a region from the list."),
        ({"nationality": "ZZ"}, "nationality", "Choose a country from the list."),
    ],
)
def test_a_mistake_is_named_at_its_field_and_nothing_is_saved(
    visitor: Visitor, organisation: Organisation, fields: dict[str, str], field: str, says: str
) -> None:
    page = visitor.join(**fields)
    assert page.status_code == 422
    assert f'<a href="#{field}">' in page.text
    assert f'id="{field}-error"' in page.text
    assert text_of(page).count(says) == 2
    assert people(organisation) == []


def test_a_mistake_is_named_in_the_language_of_the_page(visitor: Visitor) -> None:
    visitor.open("/?lang=es")
    assert "Escriba un número de teléfono o un correo electrónico." in text_of(visitor.join(phone=""))


def test_a_known_contact_looks_the_same_and_changes_nothing(
    visitor: Visitor, organisation: Organisation
) -> None:
    visitor.member(organisation, name="Amal")
    first = visitor.join(phone="+999700999999")
    again = visitor.join(name="Somebody else", language="fr")
    assert again.status_code == first.status_code
    assert text_of(again).replace("••56", "••99") == text_of(first)
    assert len(people(organisation)) == 2
    assert people(organisation)[0].language == "en"
    page = visitor.send("/register/confirm", {"code": visitor.inbox(organisation)[-1].code})
    assert "Amal" in text_of(page)
    assert "Somebody else" not in text_of(page)


def test_the_cookie_does_not_tell_which_contact_it_is(visitor: Visitor, organisation: Organisation) -> None:
    visitor.join()
    with visitor.client.session_transaction() as cookie:
        first = list(cookie["joining"])
    visitor.join()
    with visitor.client.session_transaction() as cookie:
        assert cookie["joining"][1] != first[1]
        assert len(cookie["joining"][1]) == len(first[1])


def test_an_unproved_registration_gives_way_to_a_newer_one(
    visitor: Visitor, organisation: Organisation
) -> None:
    visitor.join(name="Stranger")
    visitor.join(name="Owner", language="fr")
    assert [person.language for person in people(organisation)] == ["fr"]
    assert "Owner" in text_of(
        visitor.send("/register/confirm", {"code": visitor.inbox(organisation)[-1].code})
    )


def test_the_choice_of_who_keeps_it_is_the_persons(
    visitor: Visitor, organisation: Organisation, keyring: Keyring
) -> None:
    with unscoped() as session:
        aid = create_organisation(session, keyring, "Aid Society")
        aid.worldwide = False
        post = Post(organisation=aid, name="Beirut office")
        post.countries.append(PostCountry(country="LB"))
        session.add(post)
    assert "Aid Society" not in visitor.open("/register/FR").text
    page = visitor.join("LB")
    assert "Choose who keeps your registration." in text_of(page)
    assert people(organisation) == people(aid) == []
    visitor.join("LB", organisation=str(aid.public_id))
    assert len(people(aid)) == 1
    assert people(organisation) == []


def test_a_country_that_nobody_serves_says_so(visitor: Visitor, organisation: Organisation) -> None:
    with unscoped() as session:
        session.execute(update(Organisation).values(worldwide=False))
    page = visitor.open("/register/LB")
    assert "Nobody keeps a register for this country yet" in text_of(page)
    assert 'href="/alerts/LB"' in page.text


@pytest.mark.parametrize("path", ["/register/ZZ", "/register?country=ZZ", "/register/lb"])
def test_an_unknown_country_leads_to_the_list(visitor: Visitor, path: str) -> None:
    page = visitor.open(path)
    assert page.status_code in (200, 422)
    assert "In which country are you?" in text_of(page)


def test_a_wrong_code_says_so_and_five_end_it(visitor: Visitor, organisation: Organisation) -> None:
    visitor.join()
    right = visitor.inbox(organisation)[0].code
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(4):
        assert "This is not the code." in text_of(visitor.send("/register/confirm", {"code": wrong}))
    assert "too many times" in text_of(visitor.send("/register/confirm", {"code": wrong}))
    assert "too many times" in text_of(visitor.send("/register/confirm", {"code": right}))
    visitor.send("/register/confirm", {}, to="/register/again")
    newest = visitor.inbox(organisation)[-1].code
    assert "You are registered" in text_of(visitor.send("/register/confirm", {"code": newest}))


def test_a_code_is_understood_in_arabic_digits_and_with_blanks(
    visitor: Visitor, organisation: Organisation
) -> None:
    visitor.join()
    code = visitor.inbox(organisation)[0].code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    page = visitor.send("/register/confirm", {"code": f" {code[:3]} {code[3:]} "})
    assert "You are registered" in text_of(page)


def test_an_old_code_says_what_to_do(visitor: Visitor, organisation: Organisation) -> None:
    visitor.join()
    with scoped(organisation.id) as session:
        session.execute(update(ContactCode).values(expires_at=func.now() - timedelta(seconds=1)))
    page = visitor.send("/register/confirm", {"code": visitor.inbox(organisation)[0].code})
    assert "This code is too old. Ask for a new one below." in text_of(page)


def test_a_used_code_says_what_to_do(visitor: Visitor, organisation: Organisation) -> None:
    visitor.member(organisation)
    used = visitor.inbox(organisation)[0].code
    visitor.join()
    page = visitor.send("/register/confirm", {"code": used})
    assert "This code was used already." in text_of(page)
    assert 'href="/link"' in page.text


def test_another_browser_is_told_where_to_go(visitor: Visitor, organisation: Organisation) -> None:
    page = visitor.open("/register/confirm")
    assert page.status_code == 404
    assert "Ask for a link to your own page" in text_of(page)


def test_codes_to_one_address_are_limited_and_the_page_says_for_how_long(
    visitor: Visitor, organisation: Organisation
) -> None:
    answers = [visitor.join()]
    while answers[-1].status_code == 200:
        answers.append(visitor.join())
    last = answers[-1]
    assert last.status_code == 429
    assert 4 <= len(answers) - 1 <= 8  # a new window may begin meanwhile
    assert 0 < int(last.headers["Retry-After"]) <= 1800
    assert "Try again in" in text_of(last)
    assert visitor.join(phone="+999700999999").status_code == 200


def test_a_form_without_its_token_changes_nothing(visitor: Visitor, organisation: Organisation) -> None:
    page = visitor.client.post("/register/LB", data={"channel": "sms", "phone": PHONE, "language": "en"})
    assert page.status_code == 400
    assert "This page was open for too long" in text_of(page)
    assert people(organisation) == []


def test_messages_speak_the_persons_language_and_quiet_ones_name_nobody(
    visitor: Visitor, organisation: Organisation
) -> None:
    visitor.join(language="fr")
    assert "Consulate of Freedonia : votre code est" in visitor.inbox(organisation)[-1].text
    visitor.join(language="es", quiet="yes")
    assert "Freedonia" not in visitor.inbox(organisation)[-1].text
    assert "clave" in visitor.inbox(organisation)[-1].text


def test_a_form_sent_twice_at_once_joins_once(
    app: Flask, visitor: Visitor, organisation: Organisation
) -> None:
    page = visitor.open("/register/LB").text
    token, cookie = TOKEN.search(page), visitor.client.get_cookie("rollcall")
    assert token
    assert cookie
    data = {"csrf_token": token[1], "channel": "sms", "phone": PHONE, "phone_country": "LB", "language": "en"}

    def send(_number: int) -> int:
        client = app.test_client()
        client.set_cookie("rollcall", cookie.value)
        return client.post("/register/LB", data=data).status_code

    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(send, range(3))) == {303}
    assert states(organisation) == [ContactState.UNCONFIRMED]


def test_countries_stand_in_the_order_of_the_alphabet(visitor: Visitor) -> None:
    names = re.findall(r'<option value="[A-Z]{2}">([^<\n]+)', visitor.open("/register?lang=fr").text)
    assert len(names) > 240
    assert names.index("Danemark") < names.index("Égypte") < names.index("Espagne") < names.index("Zimbabwe")
