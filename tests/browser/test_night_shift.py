"""Three in the morning: an officer goes on duty, reads a plea, answers it, works the case, looks at the board."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from alerts.responses.models import Safety
from alerts.responses.receiving import receive
from alerts.responses.services import check_in
from alerts.responses.storing import Inbound
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.organisations.models import Officer, Role
from registry.organisations.services import add_officer, set_password
from registry.people.models import Person
from registry.people.vault import Vault
from tests.alerts.console.sending import send
from tests.alerts.offices import Office
from tests.browser.conftest import follow, shot
from tests.factors import give_app, next_code
from tests.servers import LiveServer

pytestmark = pytest.mark.browser

WHERE = "Where are you now? Write the town, the street or a place nearby."
PASSWORD = "seven quiet green lamps"


@pytest.fixture
def office(live_server: LiveServer, keyring: Keyring) -> Office:
    """An alert went to two people: one is safe, one asks for help."""
    made = Office.open(keyring, "Consulate of Freedonia")
    safe, hurt = made.register(), made.register()
    alert = made.approved()
    send(made, alert)
    with scoped(made.organisation.id) as session:
        check_in(session, session.get_one(Person, safe.id), alert.id, Safety.SAFE, "sms")
        vault = Vault.open(session, keyring, made.organisation.id)
        phone = vault.address(session.get_one(Person, hurt.id).contacts[0])
    with unscoped() as session:
        receive(session, keyring, Inbound(phone, "2", "SM1"))
    return made


def sign_in(page: Page, url: str, office: Office) -> None:
    with unscoped() as session:
        roles = [Role.CASE_WORKER, Role.AUTHOR]
        officer = add_officer(
            session, session.merge(office.organisation), "n@example.org", roles, "Nora"
        ).officer
        set_password(session, session.get_one(Officer, officer.id), PASSWORD)
        give_app(session, office.keyring, officer)
    page.goto(f"{url}/console/inbox")
    page.get_by_label("Email address").fill("n@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code from your authenticator app").fill(next_code())
    follow(page, page.get_by_role("button", name="Go on"))


def looked_at(page: Page) -> None:
    """Nothing that axe finds; and nothing that a narrow window cuts off."""
    found = Axe().run(page).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"]) for item in found] == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.locator("body").evaluate("body => body.scrollWidth") <= 320
    page.set_viewport_size({"width": 1440, "height": 900})


def test_a_plea_is_read_answered_worked_on_and_closed(
    page: Page, live_server: LiveServer, office: Office
) -> None:
    sign_in(page, live_server.url, office)
    expect(page.locator(".unread")).to_contain_text("1 plea for help unread")
    follow(page, page.get_by_role("button", name="Go on duty"))
    looked_at(page)
    follow(page, page.locator("#inbox").get_by_role("link").first)
    follow(page, page.get_by_role("button", name="I take it"))
    page.get_by_label("Ready words").select_option("where")
    follow(page, page.get_by_role("button", name="Use them"))
    expect(page.get_by_label("Your words")).to_have_value(WHERE)
    looked_at(page)
    follow(page, page.get_by_role("button", name="Send the reply"))
    expect(page.locator(".talk__ours")).to_contain_text("Freedonia: Where are you now?")
    expect(page.locator(".unread")).to_contain_text("0 pleas for help unread")
    follow(page, page.locator("section", has_text="Cases").get_by_role("link").first)
    follow(page, page.get_by_role("button", name="Take care of it myself"))
    page.get_by_label("Need").fill("hurt")
    page.get_by_label("Next step").fill("Call the clinic")
    follow(page, page.get_by_role("button", name="Save"))
    expect(page.locator(".lead")).to_contain_text("Priority 1")
    looked_at(page)
    expect(page.locator(".unread")).to_have_count(0)
    follow(page, page.get_by_role("link", name="Earthquake in Nepal"))
    follow(page, page.get_by_role("link", name="Need help"))
    expect(page.locator("#board")).to_contain_text("By need")
    expect(page.locator("#board")).to_contain_text("Hurt")
    looked_at(page)
    shot(page, "night-shift")
