"""An officer's first hour: sign in, import a file, find somebody. In a real browser, wide and narrow."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Event, Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from registry.crypto import Keyring
from registry.database import unscoped
from registry.i18n import LANGUAGES
from registry.imports.jobs import run_due
from registry.organisations.models import Role
from registry.organisations.services import add_officer, create_organisation
from tests.browser.conftest import follow, shot
from tests.factors import next_code
from tests.servers import LiveServer

pytestmark = pytest.mark.browser

LONG = "Ministry of Foreign Affairs of the Grand Duchy of Fenwick, East"
NAME = "Aleksandra Wolstenholme-Featherstonehaugh-Cholmondeley-Kent"
PASSWORD = "correct horse battery staple"
FILE = """Téléphone;Pays;Langue;Nom;Région
+999700000001;Turquie;français;Ana Exemple;İstanbul
0612345678;France;fr;Bob Exemple;
+999700000001;Turquie;français;Ana encore;
3.36123E+10;France;fr;Arrondi;
"""


def officer(keyring: Keyring) -> str:
    """A new officer's one-time password."""
    with unscoped() as session:
        organisation = create_organisation(session, keyring, LONG)
        return add_officer(session, organisation, "officer@example.org", list(Role), NAME).password


class Worker:
    """Works on imports while the block runs."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring, self._stop = keyring, Event()
        self._thread = Thread(target=self._work)

    def _work(self) -> None:
        while not self._stop.wait(0.1):
            run_due(self._keyring)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def fits(page: Page) -> None:
    """No page scrolls sideways on a small phone, and none has a fault that axe finds."""
    faults = Axe().run(page).response["violations"]
    assert not faults, [(fault["id"], [node["target"] for node in fault["nodes"]]) for fault in faults]
    wide = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    page.set_viewport_size(wide or {"width": 1440, "height": 900})


def test_first_hour(page: Page, live_server: LiveServer, keyring: Keyring, tmp_path: Path) -> None:
    password = officer(keyring)
    page.goto(f"{live_server.url}/console/")
    fits(page)
    page.get_by_label("Email address").fill("officer@example.org")
    page.get_by_label("Password").fill(password)
    follow(page, page.get_by_role("button", name="Sign in"))
    expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()
    fits(page)
    page.get_by_label("One-time password").fill(password)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    fits(page)
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("Six digits").fill(next_code(secret=secret))
    page.get_by_role("button", name="Use this app").click()
    expect(page.locator(".codes code")).to_have_count(10)
    fits(page)
    follow(page, page.get_by_role("button", name="I have kept them"))
    expect(page.get_by_text("Nobody is registered yet")).to_be_visible()
    fits(page)
    follow(page, page.get_by_role("link", name=NAME))
    fits(page)
    follow(page, page.get_by_role("link", name="Home"))

    file = tmp_path / "gens.csv"
    file.write_bytes(FILE.encode("utf-16"))
    follow(page, page.get_by_role("link", name="Import a CSV or Excel file"))
    fits(page)
    page.get_by_label("CSV or Excel file").set_input_files(file)
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_text("0 of 4 rows checked")).to_be_visible()
    with Worker(keyring):
        expect(page.get_by_role("heading", name="Nothing is saved yet")).to_be_visible()
        expect(page.get_by_text("Repeats a contact of row 2.")).to_be_visible()
        expect(page.get_by_text("rounded the phone number")).to_be_visible()
        fits(page)
        shot(page, "employer-1-checked")
        page.get_by_role("button", name="Save 2 people").click()
        expect(page.get_by_text("Registered 2 new people")).to_be_visible()
        fits(page)
        shot(page, "employer-2-saved")

    follow(page, page.get_by_role("link", name="People", exact=True))
    fits(page)
    page.get_by_label("Reference, phone number or email").fill("+999 700 000 001")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("Ana Exemple")).to_be_visible()
    expect(page.get_by_text("+999700000001")).to_have_count(0)
    fits(page)
    page.get_by_role("button", name="Show in full").click()
    expect(page.get_by_text("+999700000001")).to_be_visible()
    follow(page, page.get_by_role("button", name="Change"))
    fits(page)
    page.goto(f"{live_server.url}/console/audit/")
    expect(page.locator("main")).to_contain_text("import")
    fits(page)
    shot(page, "auditor")
    page.goto(f"{live_server.url}/console/posters/?country=NP&language=all")
    fits(page)
    shot(page, "posters")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == len(LANGUAGES)
    forgotten = page.context.new_page()
    forgotten.clock.install()
    forgotten.goto(page.url)
    expect(forgotten.get_by_role("button", name="Sign out")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    forgotten.clock.fast_forward("16:00")
    expect(forgotten.get_by_label("Password")).to_be_visible()
