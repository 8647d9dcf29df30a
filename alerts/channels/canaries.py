"""Canaries of providers: a cheap call with our credentials that sends nothing to anybody. Each is True unless the
provider can't be reached or refuses us; what a gateway doesn't know is no refusal."""

from __future__ import annotations

import json
import ssl
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import urlencode, urljoin, urlsplit

from alerts.channels.base import Outcome
from alerts.channels.curl import Driver, Reply, Request
from alerts.channels.smtp.connection import Connection
from alerts.channels.smtp.server import read_sender, read_url

Canary = Callable[[], bool]
TIMEOUT = 10.0
REFUSED = (401, 403)


def twilio(account_sid: str, auth_token: str, api_url: str) -> Canary:
    """Reads the account: it must be ours, and active."""
    basic = b64encode(f"{account_sid}:{auth_token}".encode()).decode()
    url = f"{api_url.rstrip('/')}/2010-04-01/Accounts/{account_sid}.json"
    request = Request("GET", url, b"", (f"Authorization: Basic {basic}",))

    def sing() -> bool:
        reply = _ask(request)
        try:
            status = json.loads(reply.text)["status"] if reply.status == 200 else "active"
        except (ValueError, LookupError, TypeError):
            status = "active"
        return _is_well(reply) and status == "active"

    return sing


def gateway(url: str, kind: str, user: str, password: str) -> Canary:
    """Jasmin tells the balance; Kannel looks at the password before it finds that nobody is to get anything."""
    query = urlencode({"username": user, "password": password})
    where = urljoin(url, "balance") if kind == "jasmin" else url
    request = Request("GET", f"{where}{'&' if urlsplit(where).query else '?'}{query}", b"", ())
    return lambda: _is_well(_ask(request))


def smtp(url: str, mail_from: str) -> Canary:
    """Signs in, and hangs up."""
    server, (_, address) = read_url(url), read_sender(mail_from)

    def sing() -> bool:
        context = ssl.create_default_context()
        connection = Connection(server, address.rpartition("@")[2], context, TIMEOUT)
        verdict = connection.open()
        connection.close()
        return verdict is None or verdict.outcome not in (Outcome.US, Outcome.LATER)

    return sing


def _is_well(reply: Reply) -> bool:
    return reply.status != 0 and reply.status not in REFUSED


def _ask(request: Request) -> Reply:
    async def job() -> Reply:
        return await request

    driver = Driver(1, TIMEOUT)
    try:
        return next(driver.run(iter([job()])))
    finally:
        driver.close()
