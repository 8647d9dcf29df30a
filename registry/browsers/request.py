"""The browser and the network of the current request, as they are recognised and as they are shown."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

from flask import Response, after_this_request, request

from registry.browsers.services import KEPT
from registry.crypto import sign
from registry.web.limits import network_of
from registry.web.platform import platform

FAMILIES = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Version/.*Safari/"),
)
SYSTEMS = (
    ("Android", r"Android"),
    ("iOS", r"iPhone|iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
)
"""The first that fits counts: most browsers also name those whose pages they want."""


def browser_name() -> str:
    """Such as "Firefox on Linux": enough for the officer to know it again, too little to follow anyone."""
    agent = request.user_agent.string[:500]
    family = next((name for name, mark in FAMILIES if re.search(mark, agent)), "A browser")
    system = next((name for name, mark in SYSTEMS if re.search(mark, agent)), None)
    return f"{family} on {system}" if system else family


def network_name() -> str:
    """The network it comes from, coarse: the first 24 bits of IPv4, 48 of IPv6."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def network_digest() -> bytes:
    """By which the network is known again and not learnt."""
    return sign(platform().signing_key, "network", network_of(request.remote_addr).encode())


def _cookie() -> str:
    return "__Host-browser" if platform().https else "browser"


def browser_secret() -> str | None:
    """What the browser was given at an earlier sign-in, if it was."""
    return request.cookies.get(_cookie(), "")[:100] or None


def give_secret(secret: str) -> None:
    """Let the browser keep it, so that it is known again."""

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(
            _cookie(),
            secret,
            max_age=int(KEPT.total_seconds()),
            secure=platform().https,
            httponly=True,
            samesite="Lax",
        )
        return response
