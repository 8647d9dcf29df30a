"""SMS by Twilio's Messages API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from twilio.rest import Client

from alerts.channels.base import UNSUBSCRIBE, Answer, Message, Outcome, Question, Result
from alerts.channels.curl import Reply
from alerts.channels.drivers import Drivers
from alerts.channels.twilio.codes import MEANINGS, of_refusal
from alerts.channels.twilio.lookup import look_up
from alerts.channels.twilio.pattern import Pattern
from alerts.channels.twilio.transport import CurlTransport

MAX_CHARACTERS = 1600
MAX_VALIDITY = 36_000  # seconds: Twilio's ten hours


class TwilioChannel:
    """Sends SMS through Twilio, many at once over kept-alive connections. Make it after any fork.

    `sender` is a messaging service (MG…) or a number. `api_url` replaces Twilio's own address. Twilio posts
    receipts to `receipts_url` with the message's reference appended; with none, no receipts are asked for.
    `in_flight` counts requests per `send` or `ask` call; `timeout` is seconds from request to answer.
    """

    name = "sms"
    provider = "twilio"

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        sender: str,
        api_url: str | None = None,
        receipts_url: str = "",
        in_flight: int = 160,
        timeout: float = 15,
    ) -> None:
        # Unless it is given another, the library reads region and edge from the process's environment.
        apart = {"TWILIO_REGION": ""}
        self._transport = CurlTransport(api_url)
        client = Client(account_sid, auth_token, http_client=self._transport, environment=apart)
        self._messages = client.messages
        self._sender = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}
        self._receipts_url = receipts_url
        self._pattern = lru_cache(64)(self._write)
        self._drivers = Drivers(in_flight, timeout)

    def send(self, messages: Iterable[Message]) -> Iterator[Result]:
        """See Channel. The iterator of messages should not block for long: nothing moves meanwhile."""
        return self._drivers.send(messages, self._hand_over)

    def ask(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """See Channel. Looks among Twilio's messages to each number for the same text since the claim."""
        with self._drivers.lend() as driver:
            yield from driver.run(
                look_up(self._messages, question, self._transport) for question in questions
            )

    def close(self) -> None:
        """See Channel."""
        self._drivers.close()

    def _write(self, text: str) -> Pattern:
        return Pattern(self._messages, self._sender | {"body": text}, self._receipts_url)

    async def _hand_over(self, message: Message) -> Result:
        text = message.content.text.replace(UNSUBSCRIBE, message.unsubscribe_url or "")
        if len(text) > MAX_CHARACTERS:
            return Result(message.key, Outcome.US, code="21617", detail=MEANINGS[21617].words)
        valid_for = max(1, min(message.valid_for, MAX_VALIDITY))
        reply = await self._pattern(text).fill(message.address, valid_for, message.reference)
        if 200 <= reply.status < 300:
            return _taken(message.key, reply)
        if reply.status:
            return _refused(message.key, reply)
        return Result(message.key, Outcome.UNKNOWN if reply.sent else Outcome.LATER, detail=reply.error)


def _taken(key: int, reply: Reply) -> Result:
    """A 2xx that can't be read was most likely taken, but nobody knows under which name."""
    body = _json(reply.text)
    sid = body.get("sid")
    if isinstance(sid, str) and sid:
        return Result(key, Outcome.ACCEPTED, sid)
    return Result(key, Outcome.UNKNOWN, detail="an answer without a message SID")


def _refused(key: int, reply: Reply) -> Result:
    """Twilio's own words are left out: they quote the number. Someone else may have answered, without a code."""
    code = _json(reply.text).get("code")
    number = code if isinstance(code, int) else None
    meaning = of_refusal(reply.status, number)
    shown = str(number or f"HTTP {reply.status}")
    return Result(key, meaning.outcome, code=shown, detail=meaning.words, retry_after=reply.retry_after)


def _json(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
