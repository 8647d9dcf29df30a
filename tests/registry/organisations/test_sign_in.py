from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from registry.audit.verifying import verify
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.events.models import SecurityEvent
from registry.organisations.console.account import WINDOW
from registry.organisations.models import Role
from registry.organisations.services import add_officer, create_organisation
from registry.web.limits import allow
from tests.desk import PASSWORD, Desk, new_desk, text_of


def age(column: str, minutes: int) -> None:
    """Let the clock run on for every session."""
    with unscoped() as session:
        session.execute(
            text(f"UPDATE officer_sessions SET {column} = {column} - make_interval(mins => {minutes})")
        )


@pytest.fixture
def desk(client: FlaskClient, keyring: Keyring) -> Desk:
    return new_desk(client, keyring, sign_in=False)


def test_right_password_opens_the_console(desk: Desk) -> None:
    assert desk.open("/console/", follow=False).status_code == 302
    answer = desk.sign_in()
    assert answer.request.path == "/console/"
    assert "Rufus Firefly" in answer.text
    assert "Consulate of Freedonia" in answer.text
    assert ("officer.sign_in", str(desk.officer.public_id)) in desk.audited()


def test_email_in_any_case(desk: Desk) -> None:
    answer = desk.send("/console/sign-in", {"email": " RUFUS@Example.org ", "password": PASSWORD})
    assert answer.request.path == "/console/second-step"


def test_wrong_password_and_unknown_officer_get_the_same_answer(desk: Desk) -> None:
    wrong = desk.sign_in("something else entirely")
    unknown = desk.send("/console/sign-in", {"email": "nobody@example.org", "password": PASSWORD})
    assert wrong.status_code == unknown.status_code == 422
    assert text_of(wrong) == text_of(unknown)
    assert "officer.sign_in_failed" in dict(desk.audited())
    with unscoped() as session:
        (stranger,) = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "stranger"))
    assert (stranger.count, len(stranger.subject)) == (1, 12), "known by a keyed digest only"
    assert desk.open("/console/", follow=False).status_code == 302


def test_empty_fields_are_named(desk: Desk) -> None:
    answer = desk.send("/console/sign-in", {"email": "", "password": ""})
    assert answer.status_code == 422
    assert "Enter your email address." in text_of(answer)
    assert "Enter your password." in text_of(answer)


def test_hostile_input_is_just_wrong(desk: Desk) -> None:
    for value in ("\0", "x" * 5000, "' OR 1=1 --", "é\u202e@x"):
        answer = desk.send("/console/sign-in", {"email": "a" + value, "password": "b" + value})
        assert answer.status_code == 422


def test_guessing_is_stopped_even_with_the_right_password(desk: Desk) -> None:
    answers = [desk.sign_in(f"guess number {number}").status_code for number in range(11)]
    assert answers == [422] * 10 + [429]
    late = desk.sign_in()
    assert late.status_code == 429
    assert "Try again in 15 minutes" in text_of(late)


def test_without_csrf_token_nobody_signs_in(desk: Desk) -> None:
    answer = desk.client.post("/console/sign-in", data={"email": desk.officer.email, "password": PASSWORD})
    assert answer.status_code == 400


def test_inactive_officer_stays_out_and_is_thrown_out(desk: Desk) -> None:
    desk.sign_in()
    with unscoped() as session:
        session.execute(text("UPDATE officers SET active = false"))
    assert desk.open("/console/", follow=False).status_code == 302
    assert desk.sign_in().status_code == 422


def test_idle_session_ends(desk: Desk) -> None:
    desk.sign_in()
    age("seen_at", 14)
    assert desk.open("/console/", follow=False).status_code == 200
    age("seen_at", 14)
    assert desk.open("/console/", follow=False).status_code == 200
    age("seen_at", 16)
    assert desk.open("/console/", follow=False).status_code == 302


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(desk: Desk) -> None:
    desk.sign_in()
    age("seen_at", 14)
    assert desk.open("/console/", follow=False, headers={"X-Poll": "1"}).status_code == 200
    age("seen_at", 2)
    assert desk.open("/console/", follow=False, headers={"X-Poll": "1"}).status_code == 401


def test_session_ends_after_eight_hours_of_work(desk: Desk) -> None:
    desk.sign_in()
    age("created_at", 8 * 60 + 1)
    assert desk.open("/console/", follow=False).status_code == 302


def test_sign_out_ends_the_session_on_the_server(desk: Desk) -> None:
    desk.sign_in()
    cookie = desk.client.get_cookie("rollcall")
    assert cookie is not None
    answer = desk.send("/console/password", {}, to="/console/sign-out")
    assert "You are signed out." in text_of(answer)
    assert answer.history[0].headers["Clear-Site-Data"] == '"cache", "storage"'
    desk.client.set_cookie("rollcall", cookie.value)
    assert desk.open("/console/", follow=False).status_code == 302
    assert "officer.sign_out" in dict(desk.audited())


def test_back_to_where_one_wanted_to_go(desk: Desk) -> None:
    wanted = desk.open("/console/people/", follow=False).location
    assert desk.sign_in(page=wanted).request.path == "/console/people/"


def test_sign_in_never_leads_outside_the_console(desk: Desk) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "/console//evil", "/\\evil", "/register"):
        answer = desk.sign_in(page=f"/console/sign-in?next={elsewhere}")
        assert answer.request.path == "/console/"
        desk.client.delete_cookie("rollcall")


def test_one_time_password_must_be_changed_first(
    client: FlaskClient, keyring: Keyring, database: str
) -> None:
    with unscoped() as session:
        body = create_organisation(session, keyring, "Sylvania")
        new = add_officer(session, body, "bob@example.org", [Role.REGISTRAR])
    desk = Desk(client, keyring, new.officer)
    assert desk.sign_in(new.password).request.path == "/console/password"
    assert desk.open("/console/people/").request.path == "/console/password"
    page = "/console/password"
    short = desk.send(page, {"current": new.password, "new": "short", "again": "short"})
    assert short.status_code == 422
    assert "12 to 128 characters" in text_of(short)
    for fields in (
        {"current": "wrong", "new": PASSWORD, "again": PASSWORD},
        {"current": new.password, "new": PASSWORD, "again": PASSWORD + "x"},
        {"current": new.password, "new": new.password, "again": new.password},
    ):
        assert desk.send(page, fields).status_code == 422
    for weak, said in (
        ("Password1234", "tried first"),
        ("Sylvania2026!", "your service"),
        ("b0b@example.org", "your address"),
        ("R0llcall-r0llcall", "consulate"),
    ):
        answer = desk.send(page, {"current": new.password, "new": weak, "again": weak})
        assert answer.status_code == 422
        assert said in text_of(answer), weak
    done = desk.send(page, {"current": new.password, "new": PASSWORD, "again": PASSWORD})
    assert done.request.path == "/console/account/factors/add"
    assert desk.sign_in(new.password).status_code == 422


def test_a_one_time_password_that_waited_too_long_opens_nothing(
    client: FlaskClient, keyring: Keyring, database: str
) -> None:
    with unscoped() as session:
        body = create_organisation(session, keyring, "Sylvania")
        new = add_officer(session, body, "bob@example.org", [Role.REGISTRAR], valid_for=timedelta(0))
    desk = Desk(client, keyring, new.officer)
    answer = desk.sign_in(new.password)
    assert answer.status_code == 422
    assert "has expired" in text_of(answer)
    assert "has expired" not in text_of(desk.sign_in("some other password")), "only who has it is told"
    assert desk.open("/console/password", follow=False).status_code == 302


def test_new_password_ends_other_sessions_and_keeps_this_one(
    app: object, desk: Desk, client: FlaskClient, keyring: Keyring
) -> None:
    elsewhere = new_desk(client.application.test_client(), keyring)
    desk.sign_in()
    new = "another long password"
    desk.send("/console/password", {"current": PASSWORD, "new": new, "again": new})
    assert desk.open("/console/", follow=False).status_code == 200
    assert elsewhere.open("/console/", follow=False).status_code == 302
    with unscoped() as session:
        for _ in range(20):
            allow(session, keyring.signing_key, "password change", str(desk.officer.public_id), 20, WINDOW)
    guessed = desk.send("/console/password", {"current": "a guess", "new": PASSWORD, "again": PASSWORD})
    assert guessed.status_code == 429, "nobody guesses it at a page that was left open"


def test_pages_of_other_roles_say_no(client: FlaskClient, keyring: Keyring, database: str) -> None:
    desk = new_desk(client, keyring, Role.AUTHOR)
    for path in ("/console/people/", "/console/people/new", "/console/imports/", "/console/imports/new"):
        answer = desk.open(path)
        assert answer.status_code == 403, path
        assert "registrar" in text_of(answer)
    assert dict(desk.audited())["officer.refused"] == str(desk.officer.public_id)
    assert "/console/imports/" not in desk.open("/console/").text


def test_the_audit_chain_of_all_that_holds(desk: Desk) -> None:
    desk.sign_in("wrong but long enough")
    desk.sign_in()
    with scoped(desk.officer.organisation_id) as session:
        assert list(verify(session, desk.officer.organisation_id)) == []
