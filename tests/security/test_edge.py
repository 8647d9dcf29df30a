"""What holds for every request and every answer."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import select

from config.app import create_app
from config.edge import MAX_BODY, MAX_HEADERS, MAX_QUERY, Hosts
from config.runtime import Runtime
from config.settings import Settings
from registry.crypto import Keyring
from registry.database import SessionFactory, unscoped
from registry.events.models import SecurityEvent
from tests.desk import new_desk

ROOT = Path(__file__).parents[2]
ANSWERS = (
    "/",
    "/register/LB",
    "/me/none",
    "/console/",
    "/console/sign-in",
    "/console/people/",
    "/api/v1/people",
    "/api/v1/openapi.json",
    "/healthz",
    "/metrics",
    "/nowhere",
    "/static/site.css",
)
NONCE = re.compile(r"script-src 'nonce-([\w-]{22})';")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def test_every_answer_tells_browsers_what_our_pages_never_do(client: FlaskClient, keyring: Keyring) -> None:
    new_desk(client, keyring)
    for path in ANSWERS:
        with client.get(path) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        for part in (
            "default-src 'none'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ):
            assert part in policy, path
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert (
            headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
        )
        assert headers["Referrer-Policy"] == "same-origin"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert headers["Cache-Control"] == "no-store", path
        assert "Strict-Transport-Security" not in headers, "over http a browser must not be told"


def test_a_script_runs_by_the_nonce_of_its_answer_only(client: FlaskClient) -> None:
    nonces = set()
    for path in ("/", "/", "/console/sign-in", "/nowhere"):
        answer = client.get(path)
        found = NONCE.search(answer.headers["Content-Security-Policy"])
        tags = re.findall(r"<script[^>]*>", answer.text)
        if tags:
            assert found
            assert all(f'nonce="{found[1]}"' in tag for tag in tags)
            nonces.add(found[1])
        else:
            assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
    assert len(nonces) >= 3
    assert "script-src 'none'" in client.get("/api/v1/openapi.json").headers["Content-Security-Policy"]


def test_no_template_has_anything_inline() -> None:
    templates = [
        path for package in ("config", "registry", "alerts") for path in (ROOT / package).rglob("*.html")
    ]
    assert len(templates) > 40
    assert [str(path.relative_to(ROOT)) for path in templates if INLINE.search(path.read_text())] == []


def test_static_files_keep_for_ever_under_the_digest_of_their_content(client: FlaskClient) -> None:
    page = client.get("/").text
    for address in re.findall(r'(?:href|src)="(/[\w/]*static/[^"]+)"', page):
        assert "?v=" in address
        with client.get(address) as answer:
            assert "immutable" in answer.headers["Cache-Control"]


def test_over_https_browsers_keep_to_it_and_cookies_too(database: str, keyring: Keyring) -> None:
    client = made(database, keyring, public_url="https://alerts.example.org").test_client()
    answer = client.get("/console/sign-in", base_url="https://alerts.example.org")
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-rollcall=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in cookie
    language = client.get("/?lang=fr", base_url="https://alerts.example.org").headers.getlist("Set-Cookie")
    assert any(
        cookie.startswith("__Host-lang=fr;") and "; Secure; HttpOnly; Path=/;" in cookie
        for cookie in language
    ), language
    assert 'lang="fr"' in client.get("/", base_url="https://alerts.example.org").text


def made(database: str, keyring: Keyring, **settings: str):  # type: ignore[no-untyped-def]
    given = Settings(
        database_url=database, master_key=SecretStr("00" * 32), secret_key=SecretStr("tests only"), **settings
    )
    return create_app(Runtime(given, SessionFactory.kw["bind"], keyring, database))


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "localhost."]
)
def test_this_machine_may_always_be_called_by_its_loopback(host: str) -> None:
    assert host in Hosts("", [])
    assert host in Hosts("https://alerts.example.org", [])


def test_without_a_public_name_every_address_of_the_machine_is_good() -> None:
    for host in ("192.168.1.5:8000", "[2001:db8::7]:8000", "10.0.0.3"):
        assert host in Hosts("", [])
        assert host not in Hosts("https://alerts.example.org", [])


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "alerts.example.org.evil.example",
        "evil.example/alerts.example.org",
        "evil.example#alerts.example.org",
        "alerts.example.org@evil.example",
        "evil.example@alerts.example.org",
        "localhost.evil.example",
        "",
        "[",
        "a b",
        "\u0130.example",
        "0x7f.1",
    ],
)
def test_a_name_that_is_not_ours_is_known(host: str) -> None:
    assert host not in Hosts("", [])
    assert host not in Hosts("https://alerts.example.org", ["inside.example"])


def test_our_public_name_and_those_we_are_told_are_ours() -> None:
    hosts = Hosts("https://Alerts.example.org:8443", ["inside.example", "münchen.example"])
    for host in (
        "alerts.example.org",
        "ALERTS.EXAMPLE.ORG:443",
        "inside.example:9",
        "xn--mnchen-3ya.example",
    ):
        assert host in hosts


def test_a_request_for_another_name_is_told_so_and_does_nothing(client: FlaskClient) -> None:
    for path in ("/", "/console/sign-in", "/metrics", "/nowhere"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert answer.status_code == 400
        assert "PUBLIC_URL" in answer.text
        assert "evil" not in answer.text
    assert client.post("/api/v1/people", headers={"Host": "evil.example"}).json["code"] == "malformed"
    with unscoped() as session:
        noted = {event.kind: event for event in session.scalars(select(SecurityEvent))}
    assert set(noted) == {"unknown_host"}
    for path in ("/healthz", "/readyz"):
        assert client.get(path, headers={"Host": "whatever"}).status_code == 200


def test_what_is_too_large_is_refused_unread(client: FlaskClient, keyring: Keyring) -> None:
    assert client.get("/?q=" + "x" * MAX_QUERY).status_code == 414
    assert client.get("/", headers={"X-Large": "x" * MAX_HEADERS}).status_code == 431
    page = new_desk(client, keyring).open("/console/people/new").text
    assert "csrf_token" in page
    for path in ("/register/LB", "/link", "/console/sign-in", "/console/people/new", "/console/alerts/new"):
        assert client.post(path, data={"name": "x" * (MAX_BODY + 1)}).status_code == 413, path
        endless = BytesIO(b"name=" + b"x" * (MAX_BODY + 1))
        kind = "application/x-www-form-urlencoded"
        environ = {"wsgi.input_terminated": True}
        answer = client.post(path, input_stream=endless, content_type=kind, environ_overrides=environ)
        assert answer.status_code == 413, f"{path}, in chunks"
        assert "too large" in answer.text
