from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError

from registry.crypto import Keyring
from registry.database import unscoped
from registry.organisations.models import Organisation
from registry.organisations.services import create_organisation
from tests.browser.conftest import PATIENCE, follow, shot
from tests.conftest import MASTER_KEY
from tests.registry.people.pages.visitor import Visitor
from tests.servers import LiveServer

pytestmark = pytest.mark.browser

LONG_NAME = "عبد الرحمن عبد الكريم محمد الأمين الحسيني القزويني البغدادي الشامي"[:60]


@pytest.fixture
def organisation(live_server: LiveServer) -> Organisation:
    with unscoped() as session:
        return create_organisation(session, Keyring(bytes.fromhex(MASTER_KEY)), "Consulate of Freedonia")


def code_for(app_visitor: Visitor, organisation: Organisation) -> str:
    return app_visitor.inbox(organisation)[-1].code


def test_joining_in_arabic_on_a_small_screen_without_javascript(
    phone: BrowserContext, live_server: LiveServer, organisation: Organisation, keyring: Keyring
) -> None:
    reader = Visitor(None, keyring)  # type: ignore[arg-type]
    page = phone.new_page()
    page.goto(live_server.url)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.get_by_role("button", name="التسجيل").click()
    page.get_by_label("البلد").select_option("LB")
    page.get_by_role("button", name="متابعة").click()
    page.get_by_label("رقم الهاتف", exact=True).fill("٠٦١٢٣٤٥٦٧٨")
    page.get_by_label("بلد رقم الهاتف").select_option("FR")
    page.get_by_text("معلومات أخرى عنك").click()
    page.get_by_label("الاسم").fill(LONG_NAME)
    page.get_by_role("button", name="أرسلوا لي الرمز").click()
    page.get_by_label("الأرقام الستة").fill("12")
    page.get_by_role("button", name="تأكيد").click()
    expect(page.get_by_role("alert")).to_contain_text("ليس هذا هو الرمز")
    page.get_by_label("الأرقام الستة").fill(code_for(reader, organisation))
    page.get_by_role("button", name="تأكيد").click()
    expect(page.get_by_role("heading", name="تم تسجيلك")).to_be_visible()
    expect(page.get_by_text("+33612345678")).to_be_visible()
    page.get_by_text("معلومات عنك").click()
    expect(page.get_by_text(LONG_NAME)).to_be_visible()
    assert page.locator("body").evaluate("body => body.scrollWidth") <= 320


@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_are_accessible_and_fit_a_small_screen(
    page: Page, live_server: LiveServer, organisation: Organisation, keyring: Keyring, language: str
) -> None:
    trouble: list[str] = []
    page.on(
        "console",
        lambda message: trouble.append(message.text) if "Content Security" in message.text else None,
    )
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{live_server.url}/register/LB?lang={language}")
    page.locator("#phone").fill("+999700123456")
    page.locator("details.more summary").click()
    page.locator("#name").fill("Wolfeschlegelsteinhausenbergerdorff-Maximiliana Konstantina")
    page.locator("#quiet").set_checked(language == "en")  # one of them is looked at by others
    check(page)
    follow(page, page.locator("main form button"))
    check(page)
    page.locator("#code").fill(code_for(Visitor(None, keyring), organisation))  # type: ignore[arg-type]
    follow(page, page.locator("main form button").first)
    own = page.url.partition("?")[0]
    check(page)
    shot(page, "watched-phone" if language == "en" else "own-page")
    assert ("Rollcall" in page.inner_text("body")) is (language != "en")
    for path in ("/", "/register?country=ZZ", "/link", f"{own}/details", f"{own}/move/LB", f"{own}/erase"):
        page.goto(path if path.startswith("http") else live_server.url + path)
        check(page)
    assert trouble == []


def check(page: Page) -> None:
    """No sideways scrolling, and nothing that axe finds wrong under WCAG 2.2 A and AA."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    assert found.violations_count == 0, re.sub(r"/me/\S+", "/me/…", page.url) + found.generate_report()


def test_quick_exit_leaves_no_way_back(page: Page, live_server: LiveServer) -> None:
    page.route("https://www.wikipedia.org/", lambda route: route.fulfill(body="<title>Elsewhere</title>"))
    page.goto("about:blank")
    page.goto(f"{live_server.url}/register")
    page.get_by_role("link", name="Quick exit").click()
    page.wait_for_url("https://www.wikipedia.org/")
    page.go_back()
    assert "register" not in page.url


def test_only_the_chosen_way_of_reaching_is_asked_for(
    page: Page, live_server: LiveServer, organisation: Organisation
) -> None:
    page.goto(f"{live_server.url}/register/LB")
    expect(page.get_by_label("Phone number", exact=True)).to_be_visible()
    expect(page.get_by_label("Email address")).to_be_hidden()
    page.get_by_label("By email").check()
    expect(page.get_by_label("Email address")).to_be_visible()
    expect(page.get_by_label("Phone number", exact=True)).to_be_hidden()


def test_a_page_that_somebody_keeps_opens_without_a_connection(
    chromium: Browser, live_server: LiveServer, database: str
) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 640}, locale="ar")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{live_server.url}/alerts/LB/keep")
    check(page)
    page.get_by_role("button").click()
    expect(page.get_by_role("status")).to_be_visible()
    check(page)
    kept = page.evaluate("caches.keys()")
    assert kept == ["/alerts/LB?lang=ar"]
    context.set_offline(True)
    page.goto(f"{live_server.url}/alerts/LB?seen=again")
    expect(page.locator("[data-offline]")).to_contain_text("توقيت لبنان")
    expect(page.get_by_role("heading", level=1)).to_contain_text("لبنان")
    check(page)
    shot(page, "without-connection")
    with pytest.raises(PlaywrightError):
        page.goto(f"{live_server.url}/register")
    context.set_offline(False)
    page.goto(f"{live_server.url}/alerts/LB/keep")
    page.get_by_role("button").click()
    expect(page.get_by_role("status")).to_be_hidden()
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    context.close()
