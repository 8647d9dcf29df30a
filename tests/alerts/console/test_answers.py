from __future__ import annotations

import re

import pytest

from alerts.lifecycle.models import Alert
from alerts.responses.models import Case, Safety
from alerts.responses.services import check_in, get_case, list_cases, read_note
from registry.database import scoped
from registry.people.models import Person
from registry.people.vault import Vault
from tests.alerts.console.sending import send
from tests.alerts.offices import Office
from tests.desk import Desk, text_of


@pytest.fixture
def told(office: Office) -> tuple[Alert, list[Person]]:
    """An alert that went to three people: the first is safe, the second needs help."""
    people = [office.register() for _ in range(3)]
    alert = office.approved()
    send(office, alert)
    with scoped(office.organisation.id) as session:
        for person, safety in zip(people, (Safety.SAFE, Safety.HELP), strict=False):
            check_in(session, session.get_one(Person, person.id), alert.id, safety, "sms")
    return alert, people


def case_of(office: Office) -> Case:
    with scoped(office.organisation.id) as session:
        return list_cases(session)[0]


def test_answers_are_counted_and_listed(
    author: Desk, office: Office, told: tuple[Alert, list[Person]]
) -> None:
    alert, people = told
    page = text_of(author.open(f"/console/alerts/{alert.public_id}"))
    assert "Need help 1 Are safe 1 Have not answered 1 Of 3 people told. 1 open case" in page
    everyone = text_of(author.open(f"/console/alerts/{alert.public_id}/checkins"))
    assert f"{people[0].reference} Is safe" in everyone
    assert f"{people[1].reference} Needs help" in everyone
    assert people[2].reference not in everyone
    helped = text_of(author.open(f"/console/alerts/{alert.public_id}/checkins?safety=help"))
    assert people[0].reference not in helped
    assert people[1].reference in helped
    assert ("alert.checkins", str(alert.public_id)) in author.audited()
    assert author.open(f"/console/alerts/{alert.public_id}/checkins?safety=maybe").status_code == 404


def test_only_case_workers_open_cases(author: Desk, office: Office, told: tuple[Alert, list[Person]]) -> None:
    case = case_of(office)
    assert author.open("/console/cases").status_code == 403
    assert author.open(f"/console/cases/{case.public_id}").status_code == 403
    assert "/console/cases" not in author.open("/console/alerts").text


def test_a_case_is_taken_noted_and_closed(
    case_worker: Desk, office: Office, told: tuple[Alert, list[Person]]
) -> None:
    alert, people = told
    listed = case_worker.open("/console/cases")
    assert f"{people[1].reference} Priority 2 by" in text_of(listed)
    assert "Open – nobody yet Earthquake in Nepal" in text_of(listed)
    link = re.search(r'href="(/console/cases/[0-9a-f-]{36})"', listed.text)
    assert link
    taken = case_worker.send(link[1], {"do": "take"})
    assert 'value="carla@example.org"' in taken.text
    fields = {
        "state": "closed",
        "owner": "carla@example.org",
        "need": "shelter",
        "note": "Is at <the> school.",
        "outcome": "helped",
    }
    saved = case_worker.send(link[1], fields)
    assert "The case is saved." in text_of(saved)
    with scoped(office.organisation.id) as session:
        case = get_case(session, link[1].rpartition("/")[2])
        vault = Vault.open(session, office.keyring, office.organisation.id)
        assert (case.state.value, case.need, case.owner and case.owner.email) == (
            "closed",
            "shelter",
            "carla@example.org",
        )
        assert read_note(vault, case) == "Is at <the> school."
    assert "No case here" in text_of(case_worker.open("/console/cases"))
    assert people[1].reference in text_of(
        case_worker.open(f"/console/cases?state=closed&alert={alert.public_id}")
    )
    assert ("case.read", str(case.public_id)) in case_worker.audited()


def test_wrong_changes_are_named_and_kept(
    case_worker: Desk, office: Office, told: tuple[Alert, list[Person]]
) -> None:
    path = f"/console/cases/{case_of(office).public_id}"
    wrong = {"state": "open", "owner": "nobody@example.org", "need": "a b!", "note": "n" * 2001}
    answer = case_worker.send(path, wrong)
    assert answer.status_code == 422
    for words in (
        "Who takes care of it: is not",
        "Need: must be a short word",
        "Note: must have at most 2000",
    ):
        assert words in text_of(answer)
    assert "n" * 2001 in answer.text
    assert case_of(office).need is None
    assert case_worker.send(path, {"state": "lost"}).status_code == 422
    for odd in (
        "/console/cases/x",
        "/console/cases?state=lost",
        "/console/cases?after=x",
        "/console/cases?alert=x",
    ):
        assert case_worker.open(odd).status_code == 404
