"""Every page there is, as people with other eyes, hands and screens meet it: WCAG 2.2 AA by axe, 320 pixels wide, at
200 %, in forced colours, without motion. One walk, for browsers are slow: pages are seen in turn in English and light,
or in Arabic and dark; `tests/config/test_design.py` holds every colour of both themes to its contrast."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any, Literal, NamedTuple

import pytest
from apiflask import APIFlask
from axe_playwright_python.base import AXE_SCRIPT
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy import update
from werkzeug.serving import make_server

from registry.crypto import Keyring
from registry.database import scoped
from registry.organisations.models import Officer
from tests.browser.conftest import PATIENCE
from tests.security.test_matrix import routes_of, signed_in
from tests.security.world import ANYTHING, Side, make_side

pytestmark = pytest.mark.browser

FILES = {
    "openapi.spec",
    "people_pages.download",
    "imports.example_file",
    "imports.report",
    "reports.download",
}
"""What a browser saves rather than shows."""
RUN = """async () => (await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"], elementRef: false,
    preload: false,
})).violations.flatMap((fault) => fault.nodes.map((node) => [fault.id, node.html.slice(0, 200)]))"""
PRUNE = """for (const many of ["option", ".tick", "tbody tr"]) {
    document.querySelectorAll(`${many}:nth-of-type(n + 4)`).forEach((one) => one.remove());
}"""
"""Of what is alike a few are enough: axe looks at each."""
NARROW, ZOOMED, WIDE = 320, 720, 1440
"""Pixels; 720 is what 200 % leave of a desk's 1440."""
SCROLLS = "document.documentElement.scrollWidth > innerWidth"
MOVES = """[...document.querySelectorAll("*")].filter((one) => {
    const style = getComputedStyle(one);
    return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
}).map((one) => one.outerHTML.slice(0, 200))"""
LOST = """[...document.querySelectorAll("main button, main .button, main input:not([type=hidden])")].filter((one) => {
    const style = getComputedStyle(one);
    return one.checkVisibility() && style.borderTopWidth === "0px" && style.appearance === "none";
}).map((one) => one.outerHTML.slice(0, 200))"""
"""What only its background makes a button or a field: forced colours take that away."""


class Look(NamedTuple):
    """How somebody sees pages: the last width is that of the window."""

    language: str
    theme: Literal["light", "dark"]
    widths: tuple[int, ...]


LOOKS = (Look("en", "light", (NARROW, ZOOMED, WIDE)), Look("ar", "dark", (WIDE, ZOOMED, NARROW)))


@pytest.fixture
def site(app: APIFlask) -> Iterator[str]:
    """The application on a real port of this very process; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def side(database: str, keyring: Keyring) -> Side:
    return make_side(keyring, "Consulate of Freedonia")


def window(chromium: Browser, site: str, client: FlaskClient, **options: Any) -> Page:
    """One that shares its sign-in with a client."""
    context = chromium.new_context(**options)
    context.set_default_timeout(PATIENCE)
    cookies = [client.get_cookie(name) for name in ("rollcall", "browser")]
    context.add_cookies([{"name": one.key, "value": one.value, "url": site} for one in cookies if one])
    return context.new_page()


def addresses(app: APIFlask, side: Side) -> Iterator[str]:
    """Of every page that somebody can open."""
    routes = (route for kind in ("public", "link", "officers") for route in routes_of(app, kind))
    for route in routes:
        if route.method == "GET" and route.endpoint not in FILES and not route.endpoint.endswith("static"):
            things = ANYTHING | side.things.get(route.line.thing or "", {})
            with app.test_request_context():
                yield app.url_for(route.endpoint, **{name: things[name] for name in route.arguments})


def faults_of(page: Page, look: Look) -> list[Any]:
    """What is wrong with the page that a window shows."""
    found: list[Any] = []
    for width in look.widths:
        page.set_viewport_size({"width": width, "height": 900})
        found += [["scrolls sideways", width]] if page.evaluate(SCROLLS) else []
    page.evaluate(PRUNE)
    page.evaluate(AXE_SCRIPT)
    found += page.evaluate(RUN)
    page.emulate_media(color_scheme=look.theme, forced_colors="active", reduced_motion="reduce")
    found += [["moves", html] for html in page.evaluate(MOVES)]
    found += [["is lost in forced colours", html] for html in page.evaluate(LOST)]
    page.emulate_media(color_scheme=look.theme, forced_colors="none", reduced_motion="no-preference")
    return found


def test_every_page_is_for_everybody(chromium: Browser, app: APIFlask, site: str, side: Side) -> None:
    wrong = {}
    pages = list(addresses(app, side))
    assert len(pages) > 60
    for start, look in enumerate(LOOKS):
        client = signed_in(app, side, "all").client
        with scoped(side.organisation_id) as session:
            session.execute(update(Officer).values(language=look.language))
        page = window(chromium, site, client, locale=look.language, color_scheme=look.theme)
        for address in pages[start :: len(LOOKS)]:
            answer = page.goto(site + address)
            assert answer
            assert answer.status < 500, f"{address} answers {answer.status}"
            shown = answer.headers.get("content-type", "").startswith("text/html")
            if shown and (found := faults_of(page, look)):
                wrong[f"{address} in {look.language}"] = found
        page.context.close()
    assert not wrong, "\n".join(f"{address}: {found}" for address, found in wrong.items())
