"""What no request may have: a name that isn't ours, an address, headers or a body larger than anything we offer."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.exceptions import BadRequest, RequestHeaderFieldsTooLarge, RequestURITooLarge

MAX_BODY = 2 * 1024 * 1024
"""Bytes; an alert in a hundred languages fits."""
MAX_UPLOAD = 32 * 1024 * 1024
"""Bytes; the largest import file."""
UPLOADS = {"imports.send", "imports_api.import_people"}
"""Endpoints that take a file."""
MAX_QUERY, MAX_HEADERS = 8 * 1024, 32 * 1024
"""Bytes. A session cookie has some hundred, a Bearer key fifty."""
FOR_MACHINES = {"healthz", "readyz"}
"""What a load balancer asks by whatever name or number it knows us."""


class UnknownHost(BadRequest):
    """A request for a name that isn't ours."""


class Hosts:
    """The names under which we answer.

    A name that only claims to be ours is a page that rebinds its own name to our address, to read with the rights of
    a browser inside, or a cache to be poisoned. No browser sends a bare address for a rebound name, so that addresses
    are harmless: as long as no PUBLIC_URL is set we answer to every one of this machine, and always to its loopback.
    """

    def __init__(self, public_url: str, others: Iterable[str]) -> None:
        """`public_url` may be empty; `others` are further names, without a port."""
        own = socket.gethostname().lower()
        public = _name(urlsplit(public_url).netloc)
        self._names = {"localhost", own, f"{own}.local", *(_name(other) for other in others), public} - {""}
        self._any_address = not public_url

    def __contains__(self, host: str) -> bool:
        """Whether a Host header (RFC 9110 §7.2), with or without a port, names us."""
        name = _name(host)
        address = _address(name)
        if address and (self._any_address or address.is_loopback):
            return True
        return name in self._names


def _name(host: str) -> str:
    """Without port and final dot, in lower case, as DNS spells it; empty for what is no host at all."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""
    with suppress(UnicodeError):
        name = name.encode("idna").decode()
    return name if {"@", "/", "?", "#"}.isdisjoint(host) else ""


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def install(app: Flask, hosts: Hosts) -> None:
    """Refuse such requests before anything else looks at them."""
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, MAX_FORM_MEMORY_SIZE=MAX_BODY)

    @app.before_request
    def check() -> None:
        if request.endpoint not in FOR_MACHINES and request.environ.get("HTTP_HOST", "") not in hosts:
            raise UnknownHost
        if len(request.query_string) > MAX_QUERY:
            raise RequestURITooLarge
        if sum(len(name) + len(value) for name, value in request.headers) > MAX_HEADERS:
            raise RequestHeaderFieldsTooLarge
        if request.endpoint in UPLOADS:
            request.max_content_length = MAX_UPLOAD
