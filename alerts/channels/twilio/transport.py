"""The official Twilio client's requests, carried over our own libcurl driver."""

from __future__ import annotations

import base64
import json
import logging
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from alerts.channels.curl import Reply, Request

TWILIO = "https://api.twilio.com"


class NoAnswerError(Exception):
    """No HTTP answer came. `sent` is False when Twilio surely never saw the request."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.error)
        self.sent = reply.sent


class RefusedError(Exception):
    """An answer other than 2xx. Twilio's own words are left out: they quote the number."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"HTTP {reply.status}")
        self.status = reply.status
        self.retry_after = reply.retry_after
        self.code = _error_code(reply.text)


class CurlTransport(AsyncHttpClient):  # type: ignore[misc]  # the library is untyped
    """Stateless, so one client may serve any number of threads; the driver that runs its coroutines may not.

    Raises NoAnswerError and RefusedError in place of the library's exceptions, which lose Retry-After.
    """

    def __init__(self, api_url: str | None) -> None:
        super().__init__(logging.getLogger(__name__), is_async=True)
        self._api_url = (api_url or TWILIO).rstrip("/")
        self._authorization: dict[tuple[str, str], str] = {}

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
            lines.append(self._authorize(auth))
        reply = await Request(method.upper(), url, _form(data or {}), tuple(lines))
        if reply.status == 0:
            raise NoAnswerError(reply)
        if not 200 <= reply.status < 300:
            raise RefusedError(reply)
        return Response(reply.status, reply.text, {})

    def _authorize(self, auth: tuple[str, str]) -> str:
        if auth not in self._authorization:
            basic = base64.b64encode(":".join(auth).encode()).decode()
            self._authorization[auth] = f"Authorization: Basic {basic}"
        return self._authorization[auth]


def _form(data: dict[str, object]) -> bytes:
    rest = {name: value for name, value in data.items() if name != "Body"}
    text = f"&Body={_quoted(str(data['Body']))}" if "Body" in data else ""
    return (urlencode(rest, doseq=True) + text).encode()


@lru_cache(64)
def _quoted(text: str) -> str:
    """One text goes to thousands of numbers: quoted once."""
    return quote_plus(text)


def _error_code(text: str) -> int | None:
    """The `code` of Twilio's error body; None where someone else answered."""
    try:
        body: Any = json.loads(text)
    except ValueError:
        return None
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, int) else None
