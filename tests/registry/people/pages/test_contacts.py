from __future__ import annotations

from sqlalchemy import select
from werkzeug.test import TestResponse

from registry.database import scoped
from registry.organisations.models import Organisation
from registry.people.links import unsubscribe_token
from registry.people.models import ContactPoint, ContactState
from tests.registry.people.pages.visitor import PHONE, Visitor, text_of

EMAIL = {"channel": "email", "email": "amal@example.org"}


def states(organisation: Organisation) -> list[ContactState]:
    with scoped(organisation.id) as session:
        return list(session.scalars(select(ContactPoint.state).order_by(ContactPoint.id)))


def path_of(visitor: Visitor, organisation: Organisation, own: str, position: int) -> str:
    """Where the form of the contact point at a position posts to."""
    with scoped(organisation.id) as session:
        number = list(session.scalars(select(ContactPoint.id).order_by(ContactPoint.id)))[position]
    return f"{own}/contacts/{unsubscribe_token(visitor.keyring.signing_key, organisation.id, number)}"


def test_a_second_contact_counts_once_confirmed(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation)
    assert "amal@example.org" in text_of(visitor.send(own + "/contacts", EMAIL))
    assert states(organisation) == [ContactState.ACTIVE, ContactState.UNCONFIRMED]
    assert "not confirmed" in text_of(visitor.open(own))
    code = visitor.inbox(organisation)[-1]
    assert code.address == "amal@example.org"
    page = visitor.send(own + "/contacts/confirm", {"code": code.code})
    assert states(organisation) == [ContactState.ACTIVE, ContactState.ACTIVE]
    assert "amal@example.org in use" in text_of(page)


def test_stopping_starting_and_removing(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation)
    visitor.send(own + "/contacts", EMAIL)
    visitor.send(own + "/contacts/confirm", {"code": visitor.inbox(organisation)[-1].code})
    first = path_of(visitor, organisation, own, 0)
    assert f"{PHONE} stopped" in text_of(visitor.send(own, {"action": "stop"}, to=first))
    visitor.send(own, {"action": "start"}, to=first)
    assert states(organisation) == [ContactState.ACTIVE, ContactState.ACTIVE]
    page = visitor.send(own, {"action": "remove"}, to=first)
    assert PHONE not in text_of(page)
    assert "Remove" not in text_of(page)


def test_the_last_confirmed_contact_stays(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation)
    visitor.send(own + "/contacts", EMAIL)
    assert visitor.open(own).text.count("Remove") == 1
    answer = visitor.send(own, {"action": "remove"}, to=path_of(visitor, organisation, own, 0))
    assert answer.status_code == 409
    assert len(states(organisation)) == 2


def test_anothers_contact_looks_like_a_new_one_and_its_owner_is_told(
    visitor: Visitor, organisation: Organisation
) -> None:
    theirs = visitor.member(organisation, name="Owner")
    own = visitor.member(organisation, phone="+999700999999")
    taken = visitor.send(own + "/contacts", {"channel": "sms", "phone": PHONE, "phone_country": "LB"})
    told = visitor.inbox(organisation)[-1]
    assert told.address == PHONE
    assert "Owner" in text_of(visitor.open(told.link))
    taken_guesses = [visitor.send(own + "/contacts/confirm", {"code": "123456"}) for _ in range(5)]
    new = visitor.send(own + "/contacts", EMAIL)
    wrong = f"{(int(visitor.inbox(organisation)[-1].code) + 1) % 1_000_000:06d}"
    new_guesses = [visitor.send(own + "/contacts/confirm", {"code": wrong}) for _ in range(5)]
    assert apart_from(PHONE, taken, *taken_guesses) == apart_from("amal@example.org", new, *new_guesses)
    assert "too many times" in text_of(new_guesses[-1])
    assert PHONE not in text_of(visitor.open(own))
    assert PHONE in text_of(visitor.open(theirs))


def apart_from(address: str, *pages: TestResponse) -> list[str]:
    return [text_of(page).replace(address, "…") for page in pages]


def test_nobody_can_hold_an_address_without_proving_it(visitor: Visitor, organisation: Organisation) -> None:
    squatter = visitor.member(organisation, phone="+999700999999")
    visitor.send(squatter + "/contacts", {"channel": "sms", "phone": PHONE, "phone_country": "LB"})
    own = visitor.member(organisation, name="Owner")
    assert "Owner" in text_of(visitor.open(own))
    assert PHONE not in text_of(visitor.open(squatter))


def test_ones_own_contact_again_is_named_as_such(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation)
    page = visitor.send(own + "/contacts", {"channel": "sms", "phone": PHONE, "phone_country": "LB"})
    assert page.status_code == 422
    assert "This is there already." in text_of(page)


def test_ones_own_unconfirmed_contact_gets_a_new_code(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation)
    visitor.send(own + "/contacts", EMAIL)
    visitor.send(own + "/contacts", EMAIL)
    assert len(states(organisation)) == 2
    visitor.send(own + "/contacts/confirm", {"code": visitor.inbox(organisation)[-1].code})
    assert states(organisation)[1] is ContactState.ACTIVE


def test_an_unconfirmed_contact_can_be_confirmed_later(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation)
    visitor.send(own + "/contacts", EMAIL)
    visitor.client.delete_cookie("rollcall")
    page = visitor.send(own, {"action": "confirm"}, to=path_of(visitor, organisation, own, 1))
    assert "Type the code that we sent you" in text_of(page)
    visitor.send(own + "/contacts/confirm", {"code": visitor.inbox(organisation)[-1].code})
    assert states(organisation)[1] is ContactState.ACTIVE


def test_the_name_of_anothers_contact_does_nothing(visitor: Visitor, organisation: Organisation) -> None:
    visitor.member(organisation)
    own = visitor.member(organisation, phone="+999700999999")
    visitor.send(own, {"action": "stop"}, to=path_of(visitor, organisation, own, 0))
    assert states(organisation) == [ContactState.ACTIVE, ContactState.ACTIVE]
