from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from registry.crypto import Keyring
from registry.database import unscoped
from registry.factors.models import AuthenticatorApp, RecoveryCode
from registry.factors.passkeys import Site
from registry.organisations.models import Officer
from registry.organisations.services import add_officer, create_organisation
from tests.desk import PASSWORD, Desk, new_desk, own_password, text_of
from tests.factors import next_code, unused_code

ASK, ADD, ACCOUNT = "/console/second-step", "/console/account/factors/add", "/console/account"
SECRET = re.compile(r'class="secret"[^>]*>([A-Z2-7 ]+)<')
CODES = re.compile(r"<code>(\w{4}-\w{4}-\w{4}-\w{4})</code>")
PASSKEY = (
    "INSERT INTO passkeys (officer_id, credential_id, public_key, sign_count, name, public_id)"
    " SELECT id, 'a', 'b', 0, 'blue key', gen_random_uuid() FROM officers"
)


@pytest.fixture
def desk(client: FlaskClient, keyring: Keyring) -> Desk:
    return new_desk(client, keyring, sign_in=False)


@pytest.fixture
def newcomer(client: FlaskClient, keyring: Keyring, database: str) -> Desk:
    """Signed in with a password only, for lack of anything else."""
    with unscoped() as session:
        body = create_organisation(session, keyring, "Sylvania")
        officer = add_officer(session, body, "bob@example.org", []).officer
        own_password(officer)
    desk = Desk(client, keyring, officer)
    desk.sign_in()
    return desk


def give_password(desk: Desk) -> None:
    answer = desk.send("/console/sign-in", {"email": desk.officer.email, "password": PASSWORD})
    assert answer.request.path == ASK


def enrol(desk: Desk) -> list[str]:
    """By the page; the recovery codes."""
    secret = SECRET.search(desk.open(ADD).text)
    assert secret
    done = desk.send(
        ADD, {"code": next_code(secret=secret[1].replace(" ", ""))}, to="/console/account/factors/app"
    )
    return CODES.findall(done.text)


def test_no_page_opens_without_a_factor(newcomer: Desk) -> None:
    for page in ("/console/", "/console/people/", ACCOUNT, "/console/password", ASK):
        answer = newcomer.open(page)
        assert answer.request.path == ADD, page
        assert 'aria-label="Console"' not in answer.text
    assert newcomer.open("/console/", follow=False, headers={"X-Poll": "1"}).status_code == 401
    wrong = newcomer.send(ADD, {"code": "12"}, to="/console/account/factors/app")
    assert wrong.status_code == 422
    assert "not the code that the app shows" in text_of(wrong)


def test_an_app_opens_the_console_and_comes_with_recovery_codes(newcomer: Desk) -> None:
    page = newcomer.open(ADD)
    secret = SECRET.search(page.text)
    assert secret
    assert (
        newcomer.open(ADD).text.count(secret[1]) == 1
    )  # the same until it is taken: loading again spoils nothing
    assert "<svg" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    before = newcomer.client.get_cookie("rollcall")
    codes = enrol(newcomer)
    assert len(set(codes)) == 10
    assert newcomer.client.get_cookie("rollcall") != before
    assert newcomer.open("/console/").request.path == "/console/"
    assert {"officer.factor_add", "officer.sign_in"} <= dict(newcomer.audited()).keys()
    with unscoped() as session:
        row = session.scalars(select(AuthenticatorApp)).one()
        assert secret[1].replace(" ", "").encode() not in row.sealed_secret
        assert all(kept.startswith("$argon2id$") for kept in session.scalars(select(RecoveryCode.code_hash)))
    give_password(newcomer)  # and from the next time on it is asked for
    assert newcomer.open("/console/").request.path == ASK


def test_a_code_counts_once_even_at_another_sign_in(desk: Desk, client: FlaskClient) -> None:
    give_password(desk)
    code = unused_code(desk.officer)
    assert desk.send(ASK, {"code": f" {code[:3]} {code[3:]} "}).request.path == "/console/"
    other = Desk(client.application.test_client(), desk.keyring, desk.officer)
    give_password(other)
    again = other.send(ASK, {"code": code})
    assert again.status_code == 422
    assert "used already" in text_of(again)
    older = other.send(ASK, {"code": next_code(-1)})
    assert older.status_code == 422
    assert other.send(ASK, {"code": next_code(1)}).request.path == "/console/"
    assert "officer.factor_failed" in dict(desk.audited())


def test_wrong_and_hostile_answers_open_nothing(desk: Desk) -> None:
    give_password(desk)
    for code in ("", "000000 ", "\0", "١٢٣٤٥٦", "x" * 5000, "' OR 1=1 --"):
        assert desk.send(ASK, {"code": code}).status_code in (422, 429), code
    for passkey in (
        "{}",
        "null",
        "[" * 5000,
        '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": 1}',
    ):
        assert "challenge" in (desk.send(ASK, {}, to=f"{ASK}/passkey").json or {})
        answer = desk.send(ASK, {"passkey": passkey})
        assert answer.status_code == 422, passkey
    assert desk.open("/console/").request.path == ASK


def test_guessing_codes_is_stopped_even_with_the_right_one(desk: Desk) -> None:
    give_password(desk)
    assert [desk.send(ASK, {"code": "12345"}).status_code for _ in range(11)] == [422] * 10 + [429]
    assert desk.send(ASK, {"code": unused_code(desk.officer)}).status_code == 429


def test_a_recovery_code_works_once_in_any_spelling(newcomer: Desk) -> None:
    code = enrol(newcomer)[0]
    give_password(newcomer)
    assert newcomer.send(ASK, {"code": code.upper().replace("-", " ")}).request.path == "/console/"
    assert "9 recovery codes are unused" in text_of(newcomer.open(ACCOUNT))
    give_password(newcomer)
    assert newcomer.send(ASK, {"code": code}).status_code == 422


def test_factors_come_and_go_but_never_the_last(desk: Desk) -> None:
    desk.sign_in()
    remove = "/console/account/factors/app/remove"
    assert "last second factor" in text_of(desk.send(ADD, {}, to=remove))
    with unscoped() as session:
        session.execute(text(PASSKEY))
    page = desk.open(ACCOUNT)
    assert "blue key" in page.text
    passkey = re.search(r'action="([^"]+/passkey/[^"]+/remove)"', page.text)
    assert passkey
    with unscoped() as session:
        session.execute(text("UPDATE officer_sessions SET factor_at = now() - interval '11 minutes'"))
    asked = desk.send(ACCOUNT, {}, to=remove)
    assert asked.request.path == ASK
    assert "Confirm that it is you" in asked.text
    back = desk.send(asked.request.full_path, {"code": unused_code(desk.officer)})
    assert back.request.path == ACCOUNT
    assert "It is removed" in text_of(desk.send(ACCOUNT, {}, to=passkey[1]))
    assert "removed already" in text_of(desk.send(ADD, {}, to=passkey[1]))
    codes = CODES.findall(desk.send(ACCOUNT, {}, to="/console/account/factors/recovery").text)
    assert len(codes) == 10


def test_another_officers_passkey_is_out_of_reach(desk: Desk, keyring: Keyring, client: FlaskClient) -> None:
    with unscoped() as session:
        session.execute(text(PASSKEY))
        theirs = session.scalar(text("SELECT public_id FROM passkeys"))
    other = new_desk(client.application.test_client(), keyring, email="other@example.org")
    with unscoped() as session:
        session.execute(text(PASSKEY.replace("'a'", "'c'") + " WHERE email = 'other@example.org'"))
    answer = other.send(ACCOUNT, {}, to=f"/console/account/factors/passkey/{theirs}/remove")
    assert "removed already" in text_of(answer)
    with unscoped() as session:
        assert session.scalar(select(Officer.id).where(Officer.email == desk.officer.email))
        assert session.scalar(text("SELECT count(*) FROM passkeys")) == 2


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://alerts.example.org", Site("alerts.example.org", "https://alerts.example.org")),
        ("http://127.0.0.1:8000", Site("localhost", "http://localhost:8000")),
        ("http://[::1]:8000", Site("localhost", "http://localhost:8000")),
        ("http://192.0.2.7:8000", None),
    ],
)
def test_passkeys_belong_to_a_name(address: str, site: Site | None) -> None:
    assert Site.at(address) == site
