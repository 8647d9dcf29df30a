"""Guessing is stopped, and stops nobody else; officers see and hear where they are signed in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from registry.browsers.request import browser_name, network_name
from registry.crypto import Keyring
from registry.custody.opening import keys_of_each
from registry.database import scoped, unscoped
from registry.notices.models import OfficerMail
from registry.notices.officers import open_officer_mail
from registry.organisations.models import Attempt, Officer, OfficerSession
from registry.web.limits import allow
from tests.desk import PASSWORD, Desk, new_desk, text_of

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HOME, AWAY, ELSEWHERE = "203.0.113.5", "198.51.100.7", "192.0.2.9"
SIGN_IN, ACCOUNT = "/console/sign-in", "/console/account"


@pytest.fixture
def desk(client: FlaskClient, keyring: Keyring) -> Desk:
    """At home, by a browser that has been here before, and signed out again."""
    come_from(client, HOME)
    desk = new_desk(client, keyring)
    desk.send(ACCOUNT, {}, to="/console/sign-out")
    return desk


def come_from(client: FlaskClient, address: str) -> FlaskClient:
    client.environ_base.update(REMOTE_ADDR=address, HTTP_USER_AGENT=FIREFOX)
    return client


def stranger(desk: Desk, address: str) -> Desk:
    return Desk(come_from(desk.client.application.test_client(), address), desk.keyring, desk.officer)


def mails(desk: Desk) -> list[str]:
    number = desk.officer.organisation_id
    with scoped(number) as session:
        keys = keys_of_each(session, desk.keyring, [number])[number]
        officer = session.get_one(Officer, desk.officer.id)
        rows = session.scalars(select(OfficerMail).order_by(OfficerMail.id)).all()
        return [open_officer_mail(keys, row, officer)["text"] for row in rows]


def exhaust(desk: Desk, email: str) -> None:
    """As if strangers had made all their tries of an account in this hour, and in the next."""
    with unscoped() as session:
        for _ in range(60):
            allow(session, desk.keyring.signing_key, "sign-in strangers", email, 60, timedelta(hours=1))
        later = Attempt.window_start + timedelta(hours=1)
        spent = select(Attempt.key, later, Attempt.count).where(Attempt.count == 60)
        session.execute(insert(Attempt).from_select(["key", "window_start", "count"], spent))


def test_a_stranger_who_guesses_shuts_out_neither_the_browser_nor_the_network(desk: Desk) -> None:
    exhaust(desk, desk.officer.email)
    guesser = stranger(desk, AWAY)
    assert guesser.sign_in("a wrong password").status_code == 429
    assert guesser.sign_in().status_code == 429
    assert stranger(desk, HOME).sign_in().request.path == "/console/"  # another browser, at the same place
    come_from(desk.client, ELSEWHERE)
    assert desk.sign_in().request.path == "/console/"  # the same browser, at another place


def test_a_guesser_at_home_is_stopped_and_the_known_browser_is_not(desk: Desk) -> None:
    guesser = stranger(desk, HOME)
    answers = [guesser.sign_in("a wrong password").status_code for _ in range(11)]
    assert answers == [422] * 9 + [429] * 2  # one try was the sign-in of the fixture
    assert guesser.sign_in().status_code == 429
    assert desk.sign_in().request.path == "/console/"


def test_a_known_browser_may_not_guess_either(desk: Desk) -> None:
    assert [desk.sign_in("a wrong password").status_code for _ in range(11)] == [422] * 10 + [429]
    assert desk.sign_in().status_code == 429


def test_a_cookie_helps_its_own_officer_only(desk: Desk, keyring: Keyring) -> None:
    other = new_desk(desk.client.application.test_client(), keyring, email="other@example.org", sign_in=False)
    exhaust(desk, "other@example.org")
    cookie = desk.client.get_cookie("browser")
    assert cookie
    assert cookie.http_only
    come_from(other.client, AWAY).set_cookie("browser", cookie.value)
    assert other.sign_in().status_code == 429


def test_new_browsers_are_told_by_mail_and_known_ones_are_not(desk: Desk) -> None:
    assert len(mails(desk)) == 1
    desk.sign_in()
    assert len(mails(desk)) == 1
    stranger(desk, AWAY).sign_in()
    told = mails(desk)[1]
    assert "Firefox on Linux, 198.51.100.0/24" in told
    assert "If not: sign in" in told
    assert AWAY not in told
    given = stranger(desk, AWAY)
    given.send(
        SIGN_IN, {"email": desk.officer.email, "password": PASSWORD}
    )  # no second factor: not a sign-in yet
    assert len(mails(desk)) == 2


def test_sign_ins_are_listed_and_ended(desk: Desk) -> None:
    desk.sign_in()
    others = [stranger(desk, address) for address in (AWAY, ELSEWHERE)]
    for other in others:
        other.sign_in()
    half = stranger(desk, AWAY)
    half.send(SIGN_IN, {"email": desk.officer.email, "password": PASSWORD})
    page = desk.open(ACCOUNT)
    assert page.text.count("Firefox on Linux") == 3
    assert "203.0.113.0/24" in page.text
    ends = re.findall(r'action="([^"]+/end)"', page.text)
    assert len(ends) == 2
    assert "ended" in text_of(desk.send(ACCOUNT, {}, to=ends[0]))
    assert sorted(other.open("/console/").request.path for other in others) == ["/console/", SIGN_IN]
    desk.send(ACCOUNT, {}, to="/console/account/sign-ins/end-others")
    assert [other.open("/console/").request.path for other in others] == [SIGN_IN, SIGN_IN]
    assert desk.open(ACCOUNT).status_code == 200
    with unscoped() as session:
        assert len(session.scalars(select(OfficerSession)).all()) == 1
    assert "officer.sign_in_ended" in dict(desk.audited())


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("", "A browser"),
        ("curl/8", "A browser"),
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU) Version/19.0 Mobile/15 Safari/604.1", "Safari on iOS"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
    ],
)
def test_browsers_have_coarse_names(app: object, client: FlaskClient, agent: str, name: str) -> None:
    environ = {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": "2001:db8:1:2::3"}
    with client.application.test_request_context(environ_overrides=environ):
        assert browser_name() == name
        assert network_name() == "2001:db8:1::/48"
