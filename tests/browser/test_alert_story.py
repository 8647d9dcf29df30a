"""The whole story: someone joins, an officer composes, another approves, the message arrives, the person says STOP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.organisations.models import Officer, Organisation, Role
from registry.organisations.services import NewOfficer, add_officer, create_organisation, set_password
from registry.people.models import ContactPoint
from tests.browser.conftest import desk, follow, give_authenticator, press, shot
from tests.conftest import MASTER_KEY
from tests.factors import give_app, next_code
from tests.processes import Process, running
from tests.servers import LiveServer

pytestmark = pytest.mark.browser

PHONE = "+999 700 123 456"
NORMAL = "+999700123456"
FEATURE_PHONE = "+999 700 555 000"
PLACE = "Tripoli"
PASSWORD = "seven quiet green lamps"


@pytest.fixture
def organisation(live_server: LiveServer) -> Organisation:
    with unscoped() as session:
        return create_organisation(session, Keyring(bytes.fromhex(MASTER_KEY)), "Consulate of Freedonia")


@pytest.fixture
def service(live_server: LiveServer, tmp_path: Path) -> Iterator[str]:
    """Web, worker and dispatcher; the address."""
    names = ("worker", "dispatcher")
    made = [Process(name, live_server.environment, tmp_path / f"{name}.log") for name in names]
    with running(*made):
        yield live_server.url


@pytest.fixture
def second_page(chromium: Browser) -> Iterator[Page]:
    """Another officer's window, with cookies of its own."""
    yield from desk(chromium)


def hire(organisation: Organisation, name: str, *roles: Role) -> NewOfficer:
    with unscoped() as session:
        return add_officer(session, organisation, f"{name.lower()}@consulate.example", list(roles), name)


def sign_in(page: Page, service: str, officer: NewOfficer) -> None:
    """With a password and an app that the officer has already."""
    with unscoped() as session:
        set_password(session, session.get_one(Officer, officer.officer.id), PASSWORD)
        give_app(session, Keyring(bytes.fromhex(MASTER_KEY)), officer.officer)
    give_password(page, service, officer.officer.email, PASSWORD)
    page.get_by_label("Code from your authenticator app").fill(next_code())
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Alerts")).to_be_visible()


def give_password(page: Page, service: str, email: str, password: str) -> None:
    page.goto(f"{service}/console/alerts")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def sign_in_with_passkey(page: Page, service: str, officer: NewOfficer) -> None:
    """For the first time: the one-time password opens nothing but the choice of one's own and of a second factor."""
    give_authenticator(page)
    give_password(page, service, officer.officer.email, officer.password)
    expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()
    page.goto(f"{service}/console/alerts")
    expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()
    page.get_by_label("One-time password").fill(officer.password)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Save the password").click()
    page.get_by_label("Name").fill("blue key")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", name="Keep these recovery codes")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    give_password(page, service, officer.officer.email, PASSWORD)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Alerts")).to_be_visible()


def join(phone: Page, service: str) -> None:
    """In Arabic, on a small screen, without scripts, up to the question for the code."""
    phone.goto(service)
    phone.get_by_role("button", name="التسجيل").click()
    phone.get_by_label("البلد").select_option("LB")
    follow(phone, phone.get_by_role("button", name="متابعة"))
    fits(phone)
    phone.get_by_label("رقم الهاتف", exact=True).fill(PHONE)
    shot(phone, "smartphone-1-join")
    follow(phone, phone.get_by_role("button", name="أرسلوا لي الرمز"))
    fits(phone)
    shot(phone, "smartphone-2-code")


def fits(phone: Page) -> None:
    assert phone.locator("body").evaluate("body => body.scrollWidth") <= 320


def accessible(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"]) for item in found] == []


def conversation(page: Page, service: str) -> Locator:
    """The person's phone in the sandbox; what stands on it appears by itself."""
    page.goto(f"{service}/console/sandbox/")
    link = page.locator("#conversations a", has_text=NORMAL).get_attribute("href")
    page.goto(f"{service}{link}")
    return page.locator(".bubbles")


def compose(page: Page, service: str) -> None:
    """From a ready text, filled in, for Lebanon; saved and submitted. By the keyboard alone, as approving it is."""
    page.goto(f"{service}/console/alerts")
    press(page, page.get_by_role("button", name="Compose an alert").first)
    press(page, page.get_by_label("Begin with a ready text"), "E")
    press(page, page.get_by_role("button", name="Use it"))
    expect(page.locator("textarea").first).to_be_visible()
    press(page, page.get_by_label("Search: Countries"), "l")
    page.keyboard.type("eban")
    page.keyboard.press("Enter")
    expect(page.locator("#preview")).to_contain_text("1 person gets it")
    for field in page.locator("textarea, input[name$=subject]").all():
        field.fill(field.input_value().replace("{place}", PLACE))
    expect(page.locator("#meter-ar")).to_contain_text(PLACE)
    accessible(page)
    shot(page, "officer-1-compose")
    press(page, page.get_by_role("button", name="Save the draft"))
    expect(page.get_by_role("heading", name="Earthquake in Lebanon")).to_be_visible()
    press(page, page.get_by_role("button", name="Ask for approval"))
    expect(page.get_by_role("heading", name="Somebody else must approve this")).to_be_visible()
    expect(page.get_by_role("button", name="Approve and send")).to_have_count(0)


def approve(page: Page, service: str) -> None:
    """By somebody else, who then watches it go out."""
    page.goto(f"{service}/console/alerts")
    press(page, page.get_by_role("link", name="Earthquake in Lebanon"))
    press(page, page.get_by_label("I have read every text"), "Space")
    press(page, page.get_by_role("button", name="Approve with a passkey"))
    expect(page.locator("#progress")).to_contain_text("1 of 1 handed over")
    expect(page.locator(".chips")).to_contain_text("Sent")
    accessible(page)
    shot(page, "officer-2-sent")


def join_by_text(page: Page, service: str) -> None:
    """On a phone without a screen for pages: a word, a country, and one is registered."""
    page.goto(f"{service}/console/sandbox/")
    page.get_by_text("Write from another phone").click()
    page.get_by_label("Its number").fill(FEATURE_PHONE)
    follow(page, page.get_by_role("button", name="Send"))
    expect(page.locator(".bubbles")).to_contain_text("In which country are you?")
    page.get_by_label("Answer as this person").fill("Lebannon")
    follow(page, page.get_by_role("button", name="Send"))
    page.get_by_role("button", name="1", exact=False).first.click()
    expect(page.locator(".device__head")).to_contain_text("Gets alerts")
    shot(page, "feature-phone")


def test_from_joining_to_stop(
    phone: BrowserContext, page: Page, second_page: Page, service: str, organisation: Organisation
) -> None:
    author = hire(organisation, "Ada", Role.AUTHOR, Role.REGISTRAR)  # who may read people, in the sandbox too
    approver = hire(organisation, "Berta", Role.APPROVER)
    person = phone.new_page()
    join(person, service)
    sign_in(page, service, author)
    letters = conversation(page, service)
    code = re.search(r"\b\d{6}\b", letters.inner_text())
    assert code, letters.inner_text()
    person.get_by_label("الأرقام الستة").fill(code[0])
    person.get_by_role("button", name="تأكيد").click()
    expect(person.get_by_role("heading", name="تم تسجيلك")).to_be_visible()
    fits(person)
    shot(person, "smartphone-3-own-page")

    compose(page, service)
    named = service.replace("127.0.0.1", "localhost")  # passkeys belong to names
    sign_in_with_passkey(second_page, named, approver)
    approve(second_page, named)

    letters = conversation(page, service)
    alert = letters.locator(".bubble__text", has_text="زلزال")
    expect(alert).to_have_attribute("dir", "rtl")
    expect(alert).to_contain_text("Consulate of Freedonia")
    expect(alert).to_contain_text(PLACE)
    page.get_by_role("button", name="STOP", exact=True).click()
    expect(page.locator(".device__head")).to_contain_text("Stopped")
    with scoped(organisation.id) as session:
        assert [contact.state.value for contact in session.query(ContactPoint)] == ["opted_out"]

    person.goto(f"{service}/alerts/LB")
    expect(person.get_by_role("article")).to_contain_text(PLACE)
    fits(person)
    shot(person, "smartphone-4-alert")
    join_by_text(page, service)
