"""Administrators: what takes two of them, and what an officer at a post sees."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from alerts.responses.cases import open_case
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.notices.models import OfficerMail
from registry.notices.officers import open_officer_mail
from registry.organisations import keys as api_keys
from registry.organisations.models import Officer, Post, PostCountry, Role, Scope
from registry.organisations.services import add_officer, keys_of
from registry.people.models import Person
from registry.staff.models import Grant
from tests.alerts.offices import request
from tests.desk import Desk, new_desk, text_of
from tests.programs import Program, new_program, wrong_fields

OFFICERS, NEW = "/console/officers", "/console/officers/new"
ONCE = re.compile(r'class="secret"[^>]*>([^<]+)<')


@pytest.fixture
def first(client: FlaskClient, keyring: Keyring, database: str) -> Desk:
    return new_desk(client, keyring, Role.ADMINISTRATOR, email="first@example.org")


@pytest.fixture
def second(first: Desk) -> Desk:
    client = first.client.application.test_client()
    return new_desk(client, first.keyring, Role.ADMINISTRATOR, email="second@example.org")


def ask(desk: Desk, **fields: Any) -> str:
    given = {
        "email": "new@example.org",
        "name": "Nina New",
        "roles": ["author", "registrar"],
        "post": "",
    } | fields
    return text_of(desk.send(NEW, given))


def act(desk: Desk, word: str) -> Any:
    """Press the first button of this kind on the page of officers."""
    found = re.search(rf'action="([^"]+/{word})"', desk.open(OFFICERS).text)
    assert found, word
    return desk.send(OFFICERS, {}, to=found[1])


def page_of(desk: Desk, email: str) -> str:
    with unscoped() as session:
        return f"{OFFICERS}/{session.scalar(select(Officer.public_id).where(Officer.email == email))}"


def open_post(organisation_id: int, *countries: str) -> Post:
    with scoped(organisation_id) as session:
        post = Post(
            organisation_id=organisation_id,
            name=f"Embassy {countries}",
            countries=[PostCountry(country=code) for code in countries],
        )
        session.add(post)
        session.flush()
        return post


def test_a_new_officer_takes_two_administrators(first: Desk, second: Desk, client: FlaskClient) -> None:
    assert "Another administrator must confirm it" in ask(first)
    assert "/confirm" not in first.open(OFFICERS).text
    assert "Nina New" in text_of(second.open(OFFICERS))
    shown = act(second, "confirm")
    password = ONCE.search(shown.text)
    assert password
    with unscoped() as session:
        made = session.scalars(select(Officer).where(Officer.email == "new@example.org")).one()
        assert made.roles == ["author", "registrar"]
    desk = Desk(client.application.test_client(), first.keyring, made)
    assert desk.sign_in(password[1]).request.path == "/console/password"
    assert "grant.ask" in dict(first.audited())
    assert "grant.confirm" in dict(second.audited())
    assert password[1] not in second.open(OFFICERS).text


def test_nobody_confirms_their_own_request_nor_what_is_for_them(first: Desk, second: Desk) -> None:
    ask(first)
    own = re.search(r'action="([^"]+)/refuse"', first.open(OFFICERS).text)
    assert own
    assert "Somebody else must confirm" in text_of(first.send(OFFICERS, {}, to=f"{own[1]}/confirm"))
    first.send(
        page_of(first, "second@example.org"),
        {"roles": ["approver", "administrator"], "post": ""},
        to=f"{page_of(first, 'second@example.org')}/roles",
    )
    for grant in re.findall(r'action="([^"]+)/refuse"', second.open(OFFICERS).text)[1:]:
        assert "Somebody else must confirm" in text_of(second.send(OFFICERS, {}, to=f"{grant}/confirm"))
    assert "Nothing was given" in text_of(act(first, "refuse"))
    assert "decided already" in text_of(second.send(OFFICERS, {}, to=f"{own[1]}/confirm"))


def test_the_database_itself_wants_a_second_administrator(first: Desk, second: Desk) -> None:
    ask(first)
    for decider in ("NULL", "author_id"):
        with (
            pytest.raises(IntegrityError, match="second_administrator"),
            scoped(first.officer.organisation_id) as session,
        ):
            session.execute(text(f"UPDATE grants SET state = 'done', decider_id = {decider}"))


def test_one_administrator_alone_is_told_how_to_get_a_second(first: Desk) -> None:
    assert "rollcall officer add --organisation" in first.open(OFFICERS).text
    assert "only administrator" in text_of(first.open(OFFICERS))


def test_wrong_requests_name_their_fields(first: Desk, second: Desk) -> None:
    assert "not an email address" in ask(first, email="nobody")
    assert "already" in ask(first, email="SECOND@example.org")
    assert "Fill in this field" in ask(first, roles=[])
    assert "is not one of" in ask(first, roles=["emperor"])
    assert "cannot be shown" in ask(first, name="N\0")
    assert first.send(NEW, {"email": "x@example.org", "roles": ["author"], "post": "0"}).status_code == 404


def test_roles_go_at_once_and_come_by_two(first: Desk, second: Desk, client: FlaskClient) -> None:
    third = new_desk(
        client.application.test_client(), first.keyring, Role.AUTHOR, Role.APPROVER, email="third@example.org"
    )
    page = page_of(first, "third@example.org")
    assert "taken" in text_of(first.send(page, {"roles": ["author"], "post": ""}, to=f"{page}/roles"))
    assert third.open("/console/").request.path == "/console/sign-in"
    third.sign_in()
    first.send(page, {"roles": ["author", "auditor"], "post": ""}, to=f"{page}/roles")
    assert third.open("/console/").request.path == "/console/"
    act(second, "confirm")
    assert third.open("/console/").request.path == "/console/sign-in"
    with unscoped() as session:
        assert session.get_one(Officer, third.officer.id).roles == ["author", "auditor"]
    assert "shut out" in text_of(first.send(page, {}, to=f"{page}/deactivate"))
    assert third.sign_in().status_code == 422
    me = page_of(first, "first@example.org")
    assert "another administrator can" in text_of(first.send(me, {}, to=f"{me}/deactivate"))


def test_a_reset_takes_two_and_leaves_nothing_of_the_old(
    first: Desk, second: Desk, client: FlaskClient
) -> None:
    third = new_desk(client.application.test_client(), first.keyring, Role.AUTHOR, email="third@example.org")
    page = page_of(first, "third@example.org")
    first.send(page, {}, to=f"{page}/reset")
    assert third.open("/console/").request.path == "/console/"
    password = ONCE.search(act(second, "confirm").text)
    assert password
    assert third.open("/console/").request.path == "/console/sign-in"
    assert third.sign_in().status_code == 422
    assert third.sign_in(password[1]).request.path == "/console/password"
    asked, done = mails_to(first, third.officer)
    assert "first@example.org has asked to reset" in asked
    assert "Your administrator has a new password" in done
    assert password[1] not in done, "the sandbox shows its mail to every officer"


def mails_to(desk: Desk, officer: Officer) -> list[str]:
    with scoped(officer.organisation_id) as session:
        stored = session.get_one(Officer, officer.id)
        keys = keys_of(desk.keyring, stored.organisation)
        mails = session.scalars(
            select(OfficerMail).where(OfficerMail.officer_id == officer.id).order_by(OfficerMail.id)
        )
        texts = [open_officer_mail(keys, mail, stored)["text"] for mail in mails]
    return [text for text in texts if "browser" not in text]


def test_where_mail_leaves_no_administrator_sees_a_one_time_password(
    app: APIFlask, first: Desk, second: Desk, client: FlaskClient
) -> None:
    app.extensions["rollcall"] = replace(app.extensions["rollcall"], sandbox_email=False)
    ask(first)
    shown = act(second, "confirm")
    assert "on its way" in text_of(shown)
    assert not ONCE.search(shown.text)
    with unscoped() as session:
        made = session.scalars(select(Officer).where(Officer.email == "new@example.org")).one()
    (mail,) = mails_to(first, made)
    password = re.search(r"^(\w{4}-){3}\w{4}$", mail, re.M)
    assert password
    assert "within 24 hours" in mail
    assert Desk(client.application.test_client(), first.keyring, made).sign_in(password[0]).request.path == (
        "/console/password"
    )


def test_an_administrator_sees_and_ends_the_sign_ins_and_the_keys_of_others(
    first: Desk, client: FlaskClient
) -> None:
    third = new_desk(client.application.test_client(), first.keyring, Role.AUTHOR, email="third@example.org")
    page = page_of(first, "third@example.org")
    one = re.search(r'action="([^"]+/sign-ins/[0-9a-f-]{36}/end)"', first.open(page).text)
    assert one
    assert "Nowhere just now" in text_of(first.send(page, {}, to=one[1]))
    assert third.open("/console/").request.path == "/console/sign-in"
    third.sign_in()
    first.send(page, {}, to=f"{page}/sign-ins/end")
    assert third.open("/console/").request.path == "/console/sign-in"
    with unscoped() as session:
        officer = session.get_one(Officer, third.officer.id)
        secret, *_others = [api_keys.add_key(session, officer, [Scope.PEOPLE_READ]) for _ in range(51)]
    program = Program(client.application.test_client(), third.officer, secret)
    assert program.get("/people").status_code == 200
    keys = "/console/officers/keys"
    older = re.search(r'href="([^"]+after=[^"]+)"', first.open(keys).text)
    assert older
    last = first.open(unescape(older[1]))
    assert "people:read" in text_of(last)
    ending = re.findall(r'action="([^"]+/revoke)"', last.text)
    assert len(ending) == 1
    assert "ended" in text_of(first.send(keys, {}, to=ending[0]))
    assert program.get("/people").status_code == 401
    assert [action for action, _ in first.audited()][-3:] == ["officer.sign_in_ended"] * 2 + ["key.revoke"]
    first.send(page, {}, to=f"{page}/deactivate")
    with unscoped() as session:
        assert api_keys.live_keys_of(session, officer) == []


def test_one_administrator_alone_shuts_out_no_other_one(
    first: Desk, second: Desk, client: FlaskClient
) -> None:
    page = page_of(first, "second@example.org")
    assert "there is no other" in text_of(first.send(page, {}, to=f"{page}/deactivate"))
    third = new_desk(
        client.application.test_client(), first.keyring, Role.ADMINISTRATOR, email="third@example.org"
    )
    with unscoped() as session:
        session.execute(text("UPDATE officers SET language = 'fr' WHERE email = 'third@example.org'"))
    assert "must confirm it" in text_of(first.send(page, {}, to=f"{page}/deactivate"))
    assert second.open("/console/").request.path == "/console/"
    assert "/refuse" not in second.open(OFFICERS).text
    (asked,) = mails_to(first, third.officer)
    assert asked.startswith("first@example.org demande de retirer l'accès de second@example.org")
    assert len(mails_to(first, second.officer)) == 1
    grant = re.search(r'action="([^"]+)/confirm"', third.open(OFFICERS).text)
    assert grant
    for word in ("confirm", "refuse"):
        assert "Somebody else must" in text_of(second.send(OFFICERS, {}, to=f"{grant[1]}/{word}"))
    third.send(OFFICERS, {}, to=f"{grant[1]}/confirm")
    assert second.sign_in().status_code == 422
    with (
        pytest.raises(IntegrityError, match="second_administrator"),
        scoped(first.officer.organisation_id) as session,
    ):
        session.execute(text("UPDATE grants SET decider_id = author_id WHERE kind = 'shut_out'"))


def test_one_administrator_alone_shuts_out_few_and_keys_go_with_roles(
    first: Desk, second: Desk, client: FlaskClient
) -> None:
    with unscoped() as session:
        body = session.merge(first.officer.organisation)
        found = [
            add_officer(session, body, f"{n}@example.org", [Role.AUTHOR, Role.REGISTRAR]).officer
            for n in range(5)
        ]
        writing, both = (
            api_keys.add_key(session, found[0], scopes)
            for scopes in ([Scope.ALERTS_WRITE], [Scope.ALERTS_WRITE, Scope.PEOPLE_READ])
        )
    pages = [page_of(first, f"{n}@example.org") for n in range(5)]
    first.send(pages[0], {"roles": ["registrar"], "post": ""}, to=f"{pages[0]}/roles")
    program = client.application.test_client()
    assert Program(program, found[0], writing).post("/alerts", {}).status_code == 401
    assert Program(program, found[0], both).post("/alerts", {}).status_code == 403
    assert Program(program, found[0], both).get("/people").status_code == 200
    for page in pages[1:3]:
        assert "is shut out" in text_of(first.send(page, {}, to=f"{page}/deactivate"))
    assert "must confirm it" in text_of(first.send(pages[3], {}, to=f"{pages[3]}/deactivate"))
    answer = first.send(pages[4], {"roles": ["author"], "post": ""}, to=f"{pages[4]}/roles")
    assert "must confirm it" in text_of(answer)
    assert "It is confirmed" in text_of(act(second, "confirm"))
    assert "is shut out" in text_of(second.send(pages[4], {}, to=f"{pages[4]}/deactivate"))
    with unscoped() as session:
        assert [session.get_one(Officer, one.id).active for one in found] == [
            True,
            False,
            False,
            False,
            False,
        ]


def test_a_key_takes_two_and_is_seen_by_its_officer_alone(
    first: Desk, second: Desk, client: FlaskClient
) -> None:
    third = new_desk(
        client.application.test_client(), first.keyring, Role.REGISTRAR, email="third@example.org"
    )
    page, keys = page_of(first, "third@example.org"), "/console/account/keys"
    refused = first.send(page, {"scopes": ["people:read", "alerts:approve"]}, to=f"{page}/key")
    assert "own roles don't allow alerts:approve" in text_of(refused)
    first.send(page, {"scopes": ["people:read"]}, to=f"{page}/key")
    assert "rck_" not in act(second, "confirm").text
    take = re.search(r'action="([^"]+/take)"', third.open(keys).text)
    assert take
    assert first.send(page, {}, to=take[1]).status_code == 404
    secret = ONCE.search(third.send(keys, {}, to=take[1]).text)
    assert secret
    program = Program(client.application.test_client(), third.officer, secret[1])
    assert program.get("/people").status_code == 200
    assert program.post("/people", {}).status_code == 403
    assert "taken already" in text_of(third.send("/console/account", {}, to=take[1]))


def test_other_organisations_and_other_officers_have_no_such_pages(
    first: Desk, second: Desk, client: FlaskClient
) -> None:
    ask(first)
    with scoped(first.officer.organisation_id) as session:
        grant = session.scalars(select(Grant.public_id)).one()
    page = page_of(first, "second@example.org")
    stranger = new_desk(
        client.application.test_client(), first.keyring, email="x@example.org", organisation="Else"
    )
    assert stranger.open(page).status_code == 404
    assert stranger.send(OFFICERS, {}, to=f"/console/grants/{grant}/confirm").status_code == 404
    author = new_desk(client.application.test_client(), first.keyring, Role.AUTHOR, email="a@example.org")
    for path in (OFFICERS, NEW, page, "/console/posts", "/console/posts/new"):
        assert author.open(path).status_code == 403, path


def test_posts_open_change_and_close(first: Desk) -> None:
    path = "/console/posts/new"
    assert first.send(path, {"name": "", "countries": []}).status_code == 422
    assert "Embassy in Beirut" in text_of(
        first.send(path, {"name": "Embassy in Beirut", "countries": ["LB", "SY"]})
    )
    post = re.search(r'href="(/console/posts/[0-9a-f-]{36})"', first.open("/console/posts").text)
    assert post
    assert "Jordan" in text_of(first.send(post[1], {"name": "Embassy", "countries": ["JO"]}))
    assert "closed" in text_of(first.send(post[1], {"do": "close"}))
    assert first.open("/console/posts/nonsense").status_code == 404
    assert [action for action, _ in first.audited()][-3:] == ["post.open", "post.change", "post.change"]
    with unscoped() as session:
        session.execute(text("UPDATE officer_sessions SET factor_at = now() - interval '11 minutes'"))
    for page in (path, post[1], "/console/sharing/new"):
        assert first.open(page).request.path == "/console/second-step", page
    moved = first.send("/console/account", {"do": "reopen"}, to=post[1])
    assert moved.request.path == "/console/second-step"


def test_an_officer_at_a_post_sees_its_people_only(
    client: FlaskClient, keyring: Keyring, database: str
) -> None:
    desk = new_desk(client, keyring)
    number = desk.officer.organisation_id
    program = new_program(client.application.test_client(), keyring)
    here, there = [
        program.add_person(name=f"Ana {country}", stays=[{"country": country}]) for country in ("LB", "NP")
    ]
    post = open_post(number, "LB")
    with unscoped() as session:
        session.execute(text("UPDATE officers SET post_id = :post"), {"post": post.id})
    listed = desk.open("/console/people/").text
    assert here["reference"] in listed
    assert there["reference"] not in listed
    assert desk.open(f"/console/people/{here['id']}").status_code == 200
    assert desk.open(f"/console/people/{there['id']}").status_code == 404
    found = desk.send("/console/people/", {"query": there["reference"]}, to="/console/people/find")
    assert found.status_code == 422
    assert [person["id"] for person in program.get("/people").json["items"]] == [here["id"]]
    assert program.get(f"/people?reference={there['reference']}").json["items"] == []
    for method, body in (("GET", None), ("PATCH", {"language": "fr"}), ("DELETE", None)):
        assert program.call(method, f"/people/{there['id']}", body).status_code == 404, method
    with scoped(number) as session:
        people = {person.reference: person for person in session.scalars(select(Person))}
        cases = [open_case(session, people[each["reference"]], None).public_id for each in (here, there)]
    assert [case["id"] for case in program.get("/cases").json["items"]] == [str(cases[0])]
    assert [program.get(f"/cases/{case}").status_code for case in cases] == [200, 404]
    assert [desk.open(f"/console/cases/{case}").status_code for case in cases] == [200, 404]
    for country, status in (("LB", 201), ("NP", 422)):
        answer = program.post("/alerts", request(area={"countries": [country]}))
        assert answer.status_code == status, answer.text
    assert wrong_fields(answer) == {("area.countries", "reach")}
    answer = program.post("/alerts/preview", {"area": {"countries": ["NP"]}})
    assert wrong_fields(answer) == {("area.countries", "reach")}
    added = {"phone": "+999700700700", "language": "en", "country": "NP"}
    assert "stays where your post doesn't serve" in text_of(desk.send("/console/people/new", added))
    assert "People registered 1" in text_of(desk.open("/console/"))
    assert "Nepal" not in text_of(desk.open("/console/"))
