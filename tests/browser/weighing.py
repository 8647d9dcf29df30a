"""What the public pages weigh, and when they first show something, on a slow line.

`python -m tests.browser.weighing http://127.0.0.1:8000` looks at a running service. Each page is opened by a browser
that has seen nothing before, over a line as slow as Chromium's DevTools make one: 400 kbit/s, 400 ms until an answer
begins. What it takes to open a connection, and TLS, come on top.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import FLAGS, PHONE

PAGES = ("/", "/register", "/register/LB", "/link", "/alerts/", "/alerts/LB", "/alerts/LB/keep", "/erased")
LINE = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""Milliseconds, and bytes a second each way."""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@dataclass(frozen=True, slots=True)
class Seen:
    """One visit: bytes on the wire with headers, requests, milliseconds until something shows, until all is there."""

    weight: int
    requests: int
    paint: float
    loaded: float


def visit(browser: Browser, url: str, language: str) -> Seen:
    """Open a page for the first time."""
    context = browser.new_context(viewport=PHONE, locale=language)
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    came: list[float] = []
    line.on("Network.loadingFinished", lambda event: came.append(event["encodedDataLength"]))
    page.goto(url, wait_until="networkidle")
    loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    paint = page.wait_for_function(PAINT).json_value()  # told a little after it happens
    seen = Seen(round(sum(came)), sum(map(bool, came)), paint, loaded)
    context.close()
    return seen


def main() -> None:
    """Print a row for each page, in the median of several visits."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("service", help="such as http://127.0.0.1:8000")
    options.add_argument("pages", nargs="*", default=PAGES, help="paths; without, the public ones")
    options.add_argument("--language", default="en")
    options.add_argument("--visits", type=int, default=3)
    given = options.parse_intermixed_args()
    print("| page | KB on the wire | requests | first paint | all of it |\n|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for path in given.pages:
            visits = [visit(browser, given.service + path, given.language) for _ in range(given.visits)]
            paint, loaded = (
                statistics.median(getattr(seen, name) for seen in visits) / 1000
                for name in ("paint", "loaded")
            )
            weight, requests = max(seen.weight for seen in visits), visits[0].requests
            print(f"| `{path}` | {weight / 1000:.1f} | {requests} | {paint:.2f} s | {loaded:.2f} s |")
        browser.close()


if __name__ == "__main__":
    main()
