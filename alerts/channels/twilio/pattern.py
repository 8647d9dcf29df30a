"""A request of the official client, written once for a text and filled in for everyone who gets it.

The library takes longer over a request than all else that is done for a message together, and of thousands of requests
that carry one text only three fields differ.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

from alerts.channels.curl import Request
from alerts.channels.twilio.receipts import RETRIES

OF_EACH = ("To", "ValidityPeriod", "StatusCallback")
"""The fields that differ."""

_ESCAPES = [quote_plus(chr(code)) for code in range(128)]
_RETRIES = quote_plus(RETRIES)


class Pattern:
    """Address, headers and fixed fields of a message's creation, as the library writes them.

    `messages` is the library's list resource on `CurlTransport`; `fixed` are its arguments for the sender and the
    text. Receipts come to `receipts_url` with a message's reference appended; with none, no receipts are asked for.
    """

    __slots__ = ("_callback", "_fields", "_headers", "_method", "_url")

    def __init__(self, messages: Any, fixed: dict[str, str], receipts_url: str) -> None:
        writing = messages.create_async(to="+0", **fixed)
        request: Request = writing.send(None)
        writing.close()  # what was written is never carried out
        pairs = [pair for pair in request.body.decode().split("&") if pair.partition("=")[0] not in OF_EACH]
        self._method, self._url, self._headers = request.method, request.url, request.headers
        self._fields = "&".join(pairs)
        self._callback = f"&StatusCallback={quote_plus(receipts_url)}" if receipts_url else ""

    def fill(self, address: str, valid_for: int, reference: str) -> Request:
        """The request for one message. `reference` is URL-safe; `valid_for` is in seconds."""
        to = address.translate(_ESCAPES) if address.isascii() else quote_plus(address)
        callback = f"{self._callback}{reference}{_RETRIES}" if self._callback else ""
        body = f"{self._fields}&To={to}&ValidityPeriod={valid_for}{callback}"
        return Request(self._method, self._url, body.encode(), self._headers)
