from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.crypto import Keyring
from registry.database import scoped
from registry.organisations.models import Role
from registry.people import services
from registry.people.intake import read_person
from registry.people.models import Source
from tests.desk import Desk, new_desk, text_of

NEW = {
    "phone": "+999 700 000 001",
    "email": "ana@example.org",
    "country": "TR",
    "language": "fr",
    "name": "Ana Example",
}


@pytest.fixture
def desk(client: FlaskClient, keyring: Keyring, database: str) -> Desk:
    return new_desk(client, keyring)


def add(desk: Desk, **fields: str) -> TestResponse:
    return desk.send("/console/people/new", NEW | fields)


def test_adding_and_showing(desk: Desk) -> None:
    answer = add(
        desk, subdivision="TR-34", place="Kadıköy", until="2030-12-31", quiet="yes", household_size="3"
    )
    read = text_of(answer)
    assert "The person is registered." in read
    for part in (
        "Ana Example",
        "Türkiye",
        "TR-34",
        "Kadıköy",
        "31 December 2030",
        "French",
        "Quiet",
        "by an officer",
    ):
        assert part in read
    assert "+99 ••• ••01" in read
    assert "a•••@example.org" in read
    assert "700000001" not in answer.text
    assert "ana@example.org" not in answer.text
    subject = answer.request.path.rpartition("/")[2]
    assert desk.audited()[-2:] == [("person.add", subject), ("person.read", subject)]


def test_full_addresses_are_shown_on_request_and_that_is_recorded(desk: Desk) -> None:
    page = add(desk).request.path
    answer = desk.send(page, {}, to=f"{page}/reveal")
    assert "+999700000001" in text_of(answer)
    assert "ana@example.org" in text_of(answer)
    assert desk.audited()[-1] == ("person.reveal", page.rpartition("/")[2])
    assert "+999700000001" not in desk.open(page).text
    assert desk.client.get(f"{page}/reveal").status_code == 405


def test_every_wrong_field_is_named_and_nothing_is_lost(desk: Desk) -> None:
    answer = add(
        desk, phone="12", email="x", country="", language="xx", name="Still here", household_size="0"
    )
    assert answer.status_code == 422
    for field in ("phone", "email", "country", "language", "household_size"):
        assert f'href="#{field}"' in answer.text
    assert 'value="Still here"' in answer.text
    assert "Nobody to show" in text_of(desk.open("/console/people/"))


def test_a_local_number_needs_its_country(desk: Desk) -> None:
    assert add(desk, phone="0612345678").status_code == 422
    answer = add(desk, phone="0612345678", phone_country="FR")
    assert "+33 ••• ••78" in text_of(answer)


def test_somebody_registered_already(desk: Desk) -> None:
    add(desk)
    answer = add(desk, email="")
    assert answer.status_code == 422
    assert "Somebody is registered with this already" in text_of(answer)


@pytest.mark.parametrize("query", ["+999700000001", "00999 700-000-001", "ANA@example.org", "REFERENCE"])
def test_looking_someone_up(desk: Desk, query: str) -> None:
    answer = add(desk)
    found = re.search(r"<h1>(\w{4}-\w{4})</h1>", answer.text)
    assert found
    wanted = found[1].lower().replace("-", " ") if query == "REFERENCE" else query
    result = desk.send("/console/people/", {"query": wanted}, to="/console/people/find")
    assert result.request.path == answer.request.path
    assert "example.org" not in result.request.url
    assert ("people.search", answer.request.path.rpartition("/")[2]) in desk.audited()


def test_nobody_found(desk: Desk) -> None:
    add(desk)
    for query in ("bob@example.org", "+999700000002", "AAAA-AAAA", "\0", "'", "x" * 300):
        answer = desk.send("/console/people/", {"query": query}, to="/console/people/find")
        assert answer.status_code == 422
        assert "Nobody is registered under this" in text_of(answer)
    assert ("people.search", "") in desk.audited()


def register_many(desk: Desk, country: str, first: int, count: int) -> None:
    data = {"language": "ar", "stays": [{"country": country}]}
    with scoped(desk.officer.organisation_id) as session:
        for number in range(first, first + count):
            contacts = [{"channel": "sms", "address": f"+9997100{number:05}"}]
            services.register(
                session, desk.vault(session), read_person(data | {"contacts": contacts}), Source.WEB
            )


def test_filters_and_pages(desk: Desk) -> None:
    register_many(desk, "LB", 0, 47)
    register_many(desk, "TR", 47, 6)
    add(desk, subdivision="TR-34")
    first = desk.open("/console/people/")
    assert len(references(first)) == 50
    following = re.search(r'pager__next" href="([^"]+)', first.text)
    assert following
    second = desk.open(following[1].replace("&amp;", "&"))
    assert len(references(second)) == 4
    assert not set(references(first)) & set(references(second))
    assert len(references(desk.open("/console/people/?country=TR"))) == 7
    assert len(references(desk.open("/console/people/?country=TR&subdivision=TR-34"))) == 1
    assert len(references(desk.open("/console/people/?language=fr"))) == 1
    assert references(desk.open("/console/people/?country=JP")) == []
    assert len(references(desk.open("/console/people/?country=Atlantis&after=tampered"))) == 50
    assert "people.list" in dict(desk.audited())


def references(answer: TestResponse) -> list[str]:
    return re.findall(r'scope="row" class="nowrap"><a href="[^"]+">(\w{4}-\w{4})', answer.text)


def test_changing_details(desk: Desk) -> None:
    page = add(desk, place="Izmir").request.path
    fields = {
        "language": "es",
        "name": "",
        "nationality": "FR",
        "kind": "student",
        "household_size": "2",
        "quiet": "yes",
    }
    read = text_of(desk.send(f"{page}/edit", fields))
    for part in ("Saved.", "No name given", "Spanish", "France", "Student", "Quiet", "Izmir"):
        assert part in read
    wrong = desk.send(f"{page}/edit", fields | {"household_size": "999"})
    assert wrong.status_code == 422
    assert 'href="#household_size"' in wrong.text
    assert ("person.change", page.rpartition("/")[2]) in desk.audited()


def test_changing_contacts(desk: Desk) -> None:
    page = add(desk, email="").request.path
    edit = f"{page}/edit"
    alone = desk.send(edit, {"position": "0", "masked": "+99 ••• ••01"}, to=f"{page}/contacts/remove")
    assert "only contact" in text_of(alone)
    assert desk.send(edit, {"phone": "", "email": ""}, to=f"{page}/contacts/add").status_code == 422
    added = desk.send(edit, {"email": "new@example.org"}, to=f"{page}/contacts/add")
    assert "n•••@example.org" in text_of(added)
    stale = desk.send(edit, {"position": "0", "masked": "n•••@example.org"}, to=f"{page}/contacts/remove")
    assert stale.status_code == 409
    removed = desk.send(edit, {"position": "0", "masked": "+99 ••• ••01"}, to=f"{page}/contacts/remove")
    assert "+99 •••" not in text_of(removed)
    add(desk, email="")
    taken = desk.send(edit, {"phone": "+999700000001"}, to=f"{page}/contacts/add")
    assert "Somebody is registered with this already" in text_of(taken)


def test_moving(desk: Desk) -> None:
    page = add(desk).request.path
    edit, to = f"{page}/edit", f"{page}/stays/add"
    also = text_of(desk.send(edit, {"how": "also", "country": "LB"}, to=to))
    assert "Türkiye" in also
    assert "Lebanon" in also
    moved = text_of(desk.send(edit, {"how": "moved", "country": "JP", "place": "Kobe"}, to=to))
    assert "Türkiye" not in moved
    assert "Kobe" in moved
    assert desk.send(edit, {"how": "moved", "country": ""}, to=to).status_code == 422


def test_erasing_needs_a_tick(desk: Desk) -> None:
    page = add(desk).request.path
    assert desk.send(f"{page}/erase", {}).status_code == 422
    assert desk.open(page).status_code == 200
    answer = desk.send(f"{page}/erase", {"sure": "yes"})
    assert "is erased" in text_of(answer)
    assert desk.open(page).status_code == 404
    assert ("person.erase", page.rpartition("/")[2]) in desk.audited()
    assert "The person is registered." in text_of(add(desk))


def test_other_organisations_and_roles_see_nobody(desk: Desk, keyring: Keyring, client: FlaskClient) -> None:
    page = add(desk).request.path
    fresh = client.application.test_client
    other = new_desk(fresh(), keyring, email="o@example.org", organisation="Embassy of Sylvania")
    for path in (page, f"{page}/edit", f"{page}/erase", "/console/people/nonsense"):
        assert other.open(path).status_code == 404
    assert "Nobody to show" in text_of(other.open("/console/people/"))
    missed = other.send("/console/people/", {"query": "+999700000001"}, to="/console/people/find")
    assert "Nobody is registered" in text_of(missed)
    worker = new_desk(fresh(), keyring, Role.CASE_WORKER, email="case@example.org")
    assert "Erase" not in text_of(worker.open(page))
    assert worker.open(f"{page}/edit").status_code == 403
    admin = new_desk(fresh(), keyring, Role.ADMINISTRATOR, email="admin@example.org")
    assert "Show in full" not in text_of(admin.open(page))
    assert admin.send("/console/password", {}, to=f"{page}/reveal").status_code == 403
    approver = new_desk(fresh(), keyring, Role.APPROVER, email="approver@example.org")
    assert approver.open(page).status_code == 403


def test_names_are_shown_as_text(desk: Desk) -> None:
    answer = add(desk, name="<script>alert(1)</script>" + "x" * 35)
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
