from __future__ import annotations

import pytest
from sqlalchemy import select

from registry.database import scoped
from registry.organisations.models import Organisation
from registry.people.links import read_unsubscribe_token, unsubscribe_token
from registry.people.models import ContactPoint, ContactState
from tests.registry.people.pages.visitor import Visitor, text_of


def stop_path(visitor: Visitor, organisation: Organisation) -> str:
    with scoped(organisation.id) as session:
        number = session.scalars(select(ContactPoint.id)).one()
    return "/stop/" + unsubscribe_token(visitor.keyring.signing_key, organisation.id, number)


def state(organisation: Organisation) -> ContactState:
    with scoped(organisation.id) as session:
        return session.scalars(select(ContactPoint.state)).one()


def test_opening_the_link_stops_nothing(visitor: Visitor, organisation: Organisation) -> None:
    visitor.member(organisation, channel="email", phone="", email="amal@example.org")
    page = visitor.open(stop_path(visitor, organisation))
    assert "Alerts from Consulate of Freedonia go to: a•••@example.org" in text_of(page)
    assert state(organisation) is ContactState.ACTIVE


def test_one_click_stops_without_cookie_or_token_and_can_be_undone(
    visitor: Visitor, organisation: Organisation
) -> None:
    visitor.member(organisation)
    path = stop_path(visitor, organisation)
    mail_program = visitor.client.application.test_client()
    answer = mail_program.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert state(organisation) is ContactState.OPTED_OUT
    assert "Messages have stopped" in text_of(mail_program.post(path, data={"List-Unsubscribe": "One-Click"}))
    assert "You get alerts again" in text_of(mail_program.post(path, data={"action": "start"}))
    assert state(organisation) is ContactState.ACTIVE


def test_a_quiet_persons_page_names_nobody(visitor: Visitor, organisation: Organisation) -> None:
    visitor.member(organisation, quiet="yes")
    assert "Freedonia" not in text_of(visitor.open(stop_path(visitor, organisation)))


@pytest.mark.parametrize("token", ["x", "%00", "AAAA", "A" * 38, "é" * 38, "=" * 40])
def test_a_forged_link_says_what_to_do(visitor: Visitor, organisation: Organisation, token: str) -> None:
    visitor.member(organisation)
    for answer in (visitor.open(f"/stop/{token}"), visitor.client.post(f"/stop/{token}")):
        assert answer.status_code == 404
        assert 'href="/link"' in answer.text
    assert state(organisation) is ContactState.ACTIVE


def test_no_changed_token_is_accepted() -> None:
    key, token = bytes(32), unsubscribe_token(bytes(32), 7, 12345)
    assert read_unsubscribe_token(key, token) == (7, 12345)
    assert read_unsubscribe_token(bytes(31) + b"x", token) is None
    for position, letter in enumerate(token[:-1]):  # the last letter has bits to spare
        changed = token[:position] + ("A" if letter != "A" else "B") + token[position + 1 :]
        assert read_unsubscribe_token(key, changed) is None
