import pytest
from playwright.sync_api import Page

from tests.servers import LiveServer

pytestmark = pytest.mark.browser


def test_a_wrong_address_says_what_to_do_in_the_readers_language(page: Page, live_server: LiveServer) -> None:
    answer = page.goto(f"{live_server.url}/nowhere?lang=ar")
    assert answer is not None
    assert answer.status == 404
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.get_by_role("link", name="Rollcall", exact=True).is_visible()
