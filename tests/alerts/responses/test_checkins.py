from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from alerts.responses.models import Case, CaseState, CheckIn, Safety
from alerts.responses.services import (
    Summary,
    check_in,
    get_case,
    list_cases,
    list_checkins,
    open_case,
    read_note,
    summary,
    update_case,
)
from registry.audit.models import AuditEntry
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.errors import Conflict, Invalid, NotFound
from registry.people.models import Person
from registry.people.services import erase
from tests.alerts.responses.making import House, make_alert, make_house, make_person


@pytest.fixture
def house(database: str, keyring: Keyring) -> House:
    with unscoped() as session:
        return make_house(session, keyring)


def people(house: House, count: int) -> list[Person]:
    with scoped(house.id) as session:
        return [make_person(session, house, f"+99930000{number:04d}") for number in range(count)]


def case_of(house: House) -> Case:
    with scoped(house.id) as session:
        person = make_person(session, house)
        return open_case(session, person, make_alert(session, house, person).id)


def test_a_summary_counts_people_and_not_their_contact_points(house: House) -> None:
    both = [{"channel": "sms", "address": "+999301111111"}, {"channel": "email", "address": "a@example.org"}]
    told = people(house, 4)
    with scoped(house.id) as session:
        told.append(make_person(session, house, contacts=both))
        alert = make_alert(session, house, *told)
        other = make_alert(session, house, told[0])
        for person, safety in zip(told, (Safety.SAFE, Safety.SAFE, Safety.HELP), strict=False):
            check_in(session, person, alert.id, safety, "sms")
        assert summary(session, alert) == Summary(told=5, safe=2, help=1, silent=2, open_cases=1)
        assert summary(session, other) == Summary(told=1, safe=0, help=0, silent=1, open_cases=0)


def test_checkins_come_in_pages(house: House) -> None:
    told = people(house, 5)
    with scoped(house.id) as session:
        alert = make_alert(session, house, *told)
        for person in told:
            check_in(session, person, alert.id, Safety.SAFE, "web")
        check_in(session, told[0], alert.id, Safety.HELP, "sms")
        first = list_checkins(session, alert, limit=3)
        rest = list_checkins(session, alert, after=first[-1].id, limit=3)
        assert [row.person_id for row in [*first, *rest]] == [person.id for person in told]
        assert [row.person_id for row in list_checkins(session, alert, safety=Safety.HELP)] == [told[0].id]


def test_cases_are_listed_by_who_waits_longest_and_by_state(house: House) -> None:
    told = people(house, 3)
    with scoped(house.id) as session:
        alert = make_alert(session, house, *told)
        cases = [open_case(session, person, alert.id) for person in told]
        update_case(session, house.vault, house.author, cases[1], state="closed")
        assert [case.id for case in list_cases(session)] == [case.id for case in cases]
        assert [case.id for case in list_cases(session, CaseState.OPEN)] == [cases[0].id, cases[2].id]
        assert [case.id for case in list_cases(session, after=cases[0].id, limit=1)] == [cases[1].id]


def test_a_case_is_taken_on_noted_and_closed(house: House) -> None:
    case = case_of(house)
    with scoped(house.id) as session:
        found = get_case(session, str(case.public_id))
        update_case(
            session, house.vault, house.author, found,
            state="in progress", owner=house.approver.email.upper(), need="Medical help", note="Insulin, by Tuesday",
        )  # fmt: skip
    with scoped(house.id) as session:
        found = get_case(session, case.public_id)
        assert (found.state, found.need) == (CaseState.IN_PROGRESS, "medical_help")
        assert found.owner is not None
        assert found.owner.id == house.approver.id
        assert b"Insulin" not in (found.sealed_note or b"")
        assert read_note(house.vault, found) == "Insulin, by Tuesday"
        update_case(session, house.vault, house.author, found, state="closed", owner=None)
        assert found.owner is None
        assert found.closed_at is not None
        assert read_note(house.vault, found) == "Insulin, by Tuesday"
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "case.update")).all()
        assert [entry.details["state"] for entry in entries] == ["in_progress", "closed"]
        assert "Insulin" not in str([entry.details for entry in entries])


def test_only_legal_moves(house: House) -> None:
    case = case_of(house)
    with scoped(house.id) as session:
        found = get_case(session, case.public_id)
        update_case(session, house.vault, house.author, found, state="closed")
        with pytest.raises(Conflict):
            update_case(session, house.vault, house.author, found, state="in_progress")
        update_case(session, house.vault, house.author, found, state="open")
        assert found.closed_at is None


def test_a_closed_case_stays_closed_while_the_person_has_a_newer_one(house: House) -> None:
    case = case_of(house)
    with scoped(house.id) as session:
        found = get_case(session, case.public_id)
        update_case(session, house.vault, house.author, found, state="closed")
        newer = open_case(session, found.person, found.alert_id)
        assert newer.id != found.id
        with pytest.raises(Conflict):
            update_case(session, house.vault, house.author, found, state="open")


def test_every_wrong_field_is_named_and_nothing_changes(house: House) -> None:
    case = case_of(house)
    with pytest.raises(Invalid) as caught, scoped(house.id) as session:
        update_case(
            session, house.vault, house.author, get_case(session, case.public_id),
            state="done", owner="nobody@example.org", need="what? \x00", note="x" * 2001,
        )  # fmt: skip
    assert [error.field for error in caught.value.errors] == ["state", "owner", "need", "note"]
    with scoped(house.id) as session:
        found = get_case(session, case.public_id)
        assert (found.state, found.owner, found.need, found.sealed_note) == (CaseState.OPEN, None, None, None)


def test_a_case_of_another_organisation_is_not_there(house: House, keyring: Keyring) -> None:
    case = case_of(house)
    with unscoped() as session:
        other = make_house(session, keyring, "Embassy of Elbonia")
    with scoped(other.id) as session:
        assert list_cases(session) == []
        for name in (case.public_id, "not a uuid"):
            with pytest.raises(NotFound):
                get_case(session, name)


def test_nothing_of_an_erased_person_stays(house: House) -> None:
    person = people(house, 1)[0]
    with scoped(house.id) as session:
        alert = make_alert(session, house, person, approved=datetime.now(UTC) - timedelta(hours=1))
        check_in(session, person, alert.id, Safety.HELP, "sms")
    with scoped(house.id) as session:
        erase(session, session.get_one(Person, person.id))
        assert not session.scalars(select(CheckIn)).all()
        assert not session.scalars(select(Case)).all()
