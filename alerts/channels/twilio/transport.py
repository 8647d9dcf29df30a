"""The official Twilio client's requests, carried over our own libcurl driver."""

from __future__ import annotations

import base64
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlencode

from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from alerts.channels.curl import Request

TWILIO = "https://api.twilio.com"


class NoResourceError(Exception):
    """No answer came, or another than 2xx. Twilio's own words are left out: they quote the number."""


class CurlTransport(AsyncHttpClient):  # type: ignore[misc]  # the library is untyped
    """One client may serve any number of threads; the driver that runs its coroutines may not.

    Raises NoResourceError in place of the library's exceptions.
    """

    def __init__(self, api_url: str | None) -> None:
        super().__init__(logging.getLogger(__name__), is_async=True)
        self._api_url = (api_url or TWILIO).rstrip("/")
        self.ahead: timedelta | None = None
        """How far Twilio's clock is ahead of this machine's, as its last answer to a GET said (to the second)."""

    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # the library's signature; the driver sets its own
        allow_redirects: bool = False,
    ) -> Response:
        """Carry out one request; the library calls this."""
        url = self._api_url + uri.removeprefix(TWILIO)
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, doseq=True, quote_via=quote)
        lines = [f"{name}: {value}" for name, value in (headers or {}).items()]
        if auth:
            lines.append(f"Authorization: Basic {base64.b64encode(':'.join(auth).encode()).decode()}")
        reply = await Request(method.upper(), url, urlencode(data or {}, doseq=True).encode(), tuple(lines))
        if reply.date:
            self._read_clock(reply.date)
        if not 200 <= reply.status < 300:
            raise NoResourceError(reply.error or f"HTTP {reply.status}")
        return Response(reply.status, reply.text, {})

    def _read_clock(self, date: str) -> None:
        with suppress(ValueError):  # not a date: then what an earlier answer said
            self.ahead = parsedate_to_datetime(date).replace(tzinfo=UTC) - datetime.now(UTC)
