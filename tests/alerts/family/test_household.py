from __future__ import annotations

import itertools

from apiflask import APIFlask
from sqlalchemy import select

from alerts.conversation.hearing import Heard, hear
from alerts.conversation.texts import say
from alerts.responses.models import Case, CheckIn, Safety, ToldBy
from alerts.responses.storing import Inbound
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.people.links import new_link
from registry.people.models import Person
from tests.alerts.responses.making import PHONE, make_alert, make_house, make_person
from tests.registry.people.pages.visitor import Visitor, text_of

SECOND, OLD = "+999201000002", "+999201000003"
SIDS = itertools.count(1)


def test_a_digit_counts_for_all_on_a_phone_and_a_name_for_one(app: APIFlask, keyring: Keyring) -> None:
    with unscoped() as session:
        house = make_house(session, keyring)
        mother, amina, karim = (make_person(session, house, phone) for phone in (PHONE, SECOND, OLD))
        token = new_link(session, mother)

    def write(words: str, phone: str = PHONE) -> Heard:
        with unscoped() as session:
            return hear(session, keyring, Inbound(phone, words, f"HH{next(SIDS)}"))

    def stated(person: Person) -> tuple[Safety, ToldBy | None, int | None]:
        with scoped(house.id) as session:
            row = session.scalars(select(CheckIn).where(CheckIn.person_id == person.id)).one()
            return row.safety, row.told_by, row.told_by_id

    by_mother = (ToldBy.REGISTERED, mother.id)
    visitor, page = Visitor(app.test_client(), keyring), f"/me/{token}"
    form = {"name0": "Amina", "reference0": amina.reference.lower(), "name1": "Karim", "reference1": "K7"}
    assert "looks like K7M2-Q9TX" in text_of(visitor.send(f"{page}/household", form))
    form |= {"reference1": karim.reference, "name2": "Nobody", "reference2": "ZZZZ-ZZZ2"}
    assert "Saved." in text_of(visitor.send(f"{page}/household", form))
    assert amina.reference in visitor.open(f"{page}/household").text
    assert amina.reference in visitor.open(f"{page}/download").text

    with scoped(house.id) as session:
        make_alert(session, house, *session.scalars(select(Person)))
    also = say("en", "household", names="Amina, Karim, Nobody")
    assert write("1").answers == (say("en", "safe"), also), "who has no record is named as the others are"
    assert stated(mother) == (Safety.SAFE, None, None)
    assert stated(amina) == stated(karim) == (Safety.SAFE, *by_mother)

    assert write("2 amina").answers == (say("en", "told", reference="Amina"),)
    assert stated(amina) == (Safety.HELP, *by_mother) and stated(mother)[0] is stated(karim)[0] is Safety.SAFE
    with scoped(house.id) as session:
        assert session.scalars(select(Case.person_id)).all() == [amina.id]

    write("1", OLD)
    write("2")
    assert stated(karim) == (Safety.SAFE, None, None), "his own word stands"
    assert stated(mother)[0] is Safety.HELP
    with scoped(house.id) as session:
        assert set(session.scalars(select(Case.person_id))) == {mother.id, amina.id, karim.id}
    assert write("I am safe at home").answers == (say("en", "safe"),), "words are for the sender alone"

    write(f"1 {mother.reference}", "+999201000055")
    assert stated(mother) == (Safety.SAFE, None, None), "from a second phone it is told by a stranger"
