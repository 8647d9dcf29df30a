"""A real Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

PHONE = {"width": 320, "height": 640}
DESK = {"width": 1440, "height": 900}
PATIENCE = 60_000  # milliseconds: a machine with much else to do is slow, and that is no fault
expect.set_options(timeout=PATIENCE)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """A cheap phone: 320 pixels wide, without JavaScript, in Arabic."""
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False, locale="ar")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window on an officer's desk."""
    yield from desk(chromium)


def desk(chromium: Browser) -> Iterator[Page]:
    """A window with cookies of its own, while a fixture lasts."""
    context = chromium.new_context(viewport=DESK, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def give_authenticator(page: Page) -> None:
    """Plug a security key in that is touched at once (WebAuthn's virtual authenticators)."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def shot(page: Page, name: str) -> None:
    """Keep a picture of the whole page in the folder that ROLLCALL_SHOTS names; without it, none is taken."""
    if folder := os.environ.get("ROLLCALL_SHOTS"):
        page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Press a key on something, having come to it by the keyboard alone."""
    target.wait_for()
    for _ in range(400):
        if target.evaluate("one => one === document.activeElement"):
            page.keyboard.press(key)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {target}")


def follow(page: Page, link: Locator) -> None:
    """Click what leads to another page, and wait for it: a look without waiting may find no document at all."""
    with page.expect_navigation():
        link.click()
