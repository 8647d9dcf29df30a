from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from registry.i18n import LANGUAGES
from registry.places import language_name
from tests.registry.people.pages.visitor import weight

PAGES = ("/", "/register", "/register/LB", "/link", "/register/confirm", "/me/unknown", "/erased", "/nowhere")


def language_of(page: str) -> str:
    found = re.search(r'<html lang="(\w+)" dir="(\w+)">', page)
    assert found
    assert found[2] == ("rtl" if found[1] in {"ar", "ur"} else "ltr")
    return found[1]


def test_the_browsers_language_is_spoken(client: FlaskClient) -> None:
    assert language_of(client.get("/", headers={"Accept-Language": "ar-SY,ar;q=0.9,en;q=0.5"}).text) == "ar"
    assert language_of(client.get("/", headers={"Accept-Language": "tlh"}).text) == "en"


def test_a_choice_stays(client: FlaskClient) -> None:
    assert language_of(client.get("/?lang=es", headers={"Accept-Language": "ar"}).text) == "es"
    assert language_of(client.get("/link", headers={"Accept-Language": "ar"}).text) == "es"
    assert language_of(client.get("/?lang=nonsense", headers={"Accept-Language": "ar"}).text) == "es"


def test_choosing_a_language_keeps_the_page_and_its_question(client: FlaskClient) -> None:
    page = client.get("/register?country=ZZ").text
    assert 'href="/register?country=ZZ&amp;lang=fr"' in page


@pytest.mark.parametrize("language", ["am", "ar", "bn", "ne", "uk", "ur"])
def test_no_english_is_left_on_a_page_in_another_script(client: FlaskClient, language: str) -> None:
    choice = set(re.findall(r"[A-Za-z]{2,}", " ".join(map(language_name, LANGUAGES))))
    for path in PAGES:
        page = client.get(path, headers={"Accept-Language": language}).text
        page = re.sub(r"<(option|script|style)[^>]*>[^<]*", "", page.partition("<body>")[2])
        words = set(re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]+>", " ", page)))
        assert words - choice <= {"Rollcall", "SMS", "STOP", "SIM", "name", "example", "org"}, path


def test_pages_may_be_framed_by_no_one_and_run_no_strangers_script(client: FlaskClient) -> None:
    headers = client.get("/").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_a_static_file_is_kept_for_ever_under_its_own_address(client: FlaskClient) -> None:
    found = re.search(r"/static/site\.css\?v=\w+", client.get("/").text)
    assert found
    with client.get(found[0]) as answer:
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/register", "/register/LB", "/register/GB", "/link"])
@pytest.mark.parametrize("language", ["am", "ne"])  # three octets to a letter
def test_a_page_weighs_less_than_thirty_kilobytes(client: FlaskClient, path: str, language: str) -> None:
    assert weight(client, path, language) < 16_000
