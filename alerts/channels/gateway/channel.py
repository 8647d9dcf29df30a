"""SMS by a gateway's HTTP interface."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, urlencode, urlsplit

from alerts.channels.base import UNSUBSCRIBE, Answer, Message, Outcome, Question, Result
from alerts.channels.curl import Request
from alerts.channels.drivers import Drivers
from alerts.channels.gateway.dialect import Dialect, Sending
from alerts.text import measure


class GatewayChannel:
    """Sends through a gateway that can't be asked what it holds. Make it after any fork.

    `url` is where messages are posted, such as http://127.0.0.1:13013/cgi-bin/sendsms; ValueError when it is no web
    address. The gateway reports to `receipts_url` with the message's reference appended; with none, to nobody.
    """

    name = "sms"
    provider = "gateway"

    def __init__(
        self,
        url: str,
        dialect: Dialect,
        user: str,
        password: str,
        sender: str = "",
        receipts_url: str = "",
        in_flight: int = 20,
        timeout: float = 15,
    ) -> None:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ValueError("GATEWAY_URL must be an http:// or https:// address")
        self._url, self._dialect = url, dialect
        self._account = {"username": user, "password": password} | ({"from": sender} if sender else {})
        self._receipts_url = receipts_url
        self._drivers = Drivers(in_flight, timeout)

    def send(self, messages: Iterable[Message]) -> Iterator[Result]:
        """See Channel."""
        return self._drivers.send(messages, self._hand_over)

    def ask(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """See Channel. Its receipts tell, or nobody."""
        return (Answer(question.key, None) for question in questions)

    def close(self) -> None:
        """See Channel."""
        self._drivers.close()

    async def _hand_over(self, message: Message) -> Result:
        reply = await self._request(message)
        if reply.status == 0:
            return Result(message.key, Outcome.UNKNOWN if reply.sent else Outcome.LATER, detail=reply.error)
        return self._dialect.result(message.key, reply.status, reply.text)

    def _request(self, message: Message) -> Request:
        text = message.content.text.replace(UNSUBSCRIBE, message.unsubscribe_url or "")
        sending = Sending(
            message.address,
            text,
            measure(text).encoding == "ucs-2",
            max(1, message.valid_for // 60),
            f"{self._receipts_url}{message.reference}" if self._receipts_url else "",
        )
        form = urlencode(self._account | self._dialect.form(sending), quote_via=quote, errors="replace")
        if self._dialect.method == "GET":
            mark = "&" if urlsplit(self._url).query else "?"
            return Request("GET", f"{self._url}{mark}{form}", b"", (), alone=True)
        return Request("POST", self._url, form.encode(), ())
