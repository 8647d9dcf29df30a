"""Making us send codes by SMS must not pay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from apiflask import APIFlask

from registry.crypto import Keyring
from registry.database import scoped
from registry.organisations.models import Organisation
from registry.people.models import Person
from registry.people.pages.fares import block_of, takes_codes
from tests.desk import new_desk
from tests.registry.people.pages.visitor import PHONE, Visitor, text_of


@pytest.mark.parametrize(
    "number",
    [
        "+33891123456",  # premium, France
        "+448431234567",  # shared cost, United Kingdom
        "+443003000000",  # one number for a whole company, United Kingdom
        "+447640123456",  # pager
        "+881612345678",  # satellite
        "+870773111632",  # satellite
        "+883510012345",  # international network
        "+979123456789",  # international premium rate
    ],
)
def test_numbers_that_earn_by_each_message_get_none(number: str) -> None:
    assert not takes_codes(number, [])


@pytest.mark.parametrize("number", ["+33612345678", "+9613123456", "+12025550123", "+999700123456"])
def test_phones_of_people_get_theirs(number: str) -> None:
    assert takes_codes(number, [])
    assert takes_codes(number, {"FR", "LB", "US"})


def test_other_countries_than_those_allowed_get_none() -> None:
    assert not takes_codes("+33612345678", {"LB"})
    assert block_of("+33612345678") == "+33612345"


def test_a_number_that_gets_no_code_is_told_so_and_leaves_nothing(
    visitor: Visitor, organisation: Organisation
) -> None:
    page = visitor.join(phone="+881612345678")
    assert "We can't send codes to this kind of number" in text_of(page)
    page = visitor.send("/link", {"channel": "sms", "phone": "+448431234567", "phone_country": "LB"})
    assert "We can't send codes to this kind of number" in text_of(page)
    with scoped(organisation.id) as session:
        assert session.query(Person).count() == 0


def test_numbers_in_a_row_are_soon_too_many(visitor: Visitor) -> None:
    answers = [visitor.join(phone=f"+999700555{number:03}").status_code for number in range(32)]
    assert answers == [200] * 30 + [429] * 2
    assert visitor.join(phone="+999700666001").status_code == 200


def test_when_the_days_codes_are_used_up_only_confirmed_numbers_get_theirs(
    app: APIFlask, visitor: Visitor, organisation: Organisation, keyring: Keyring
) -> None:
    visitor.member(organisation)
    here = app.extensions["rollcall"]
    app.extensions["rollcall"] = replace(here, sms_codes_a_day=0)
    before = len(visitor.inbox(organisation))
    stranger = visitor.join(phone="+999700777001")
    assert len(visitor.inbox(organisation)) == before, "the stranger got none"
    known = visitor.join(phone=PHONE)
    assert len(visitor.inbox(organisation)) == before + 1
    assert text_of(stranger).replace("01", "") == text_of(known).replace(PHONE[-2:], ""), "and can't tell"
    visitor.join(channel="email", phone="", email="ana@example.org")
    assert len(visitor.inbox(organisation)) == before + 2, "mail costs nothing"
    page = new_desk(app.test_client(), keyring, organisation="Consulate of Freedonia").open("/console/").text
    assert "codes by SMS are used up" in page
    app.extensions["rollcall"] = here
    page = new_desk(app.test_client(), keyring, organisation="Consulate of Freedonia").open("/console/").text
    assert "codes by SMS are used up" not in page
