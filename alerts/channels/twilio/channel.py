"""SMS by Twilio's Messages API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from twilio.rest import Client

from alerts.channels.base import UNSUBSCRIBE, Answer, Message, Outcome, Question, Result
from alerts.channels.drivers import Drivers
from alerts.channels.twilio.codes import MEANINGS, of_refusal
from alerts.channels.twilio.lookup import look_up
from alerts.channels.twilio.receipts import RETRIES
from alerts.channels.twilio.transport import CurlTransport, NoAnswerError, RefusedError

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
        in_flight: int = 40,
        timeout: float = 15,
    ) -> None:
        # Unless it is given another, the library reads region and edge from the process's environment.
        apart = {"TWILIO_REGION": ""}
        client = Client(account_sid, auth_token, http_client=CurlTransport(api_url), environment=apart)
        self._messages = client.messages
        self._sender = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}
        self._receipts_url = receipts_url
        self._drivers = Drivers(in_flight, timeout)

    def send(self, messages: Iterable[Message]) -> Iterator[Result]:
        """See Channel. The iterator of messages should not block for long: nothing moves meanwhile."""
        return self._drivers.send(messages, self._hand_over)

    def ask(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """See Channel. Looks among Twilio's messages to each number for the same text since the claim."""
        with self._drivers.lend() as driver:
            yield from driver.run(look_up(self._messages, question) for question in questions)

    def close(self) -> None:
        """See Channel."""
        self._drivers.close()

    async def _hand_over(self, message: Message) -> Result:
        text = message.content.text.replace(UNSUBSCRIBE, message.unsubscribe_url or "")
        if len(text) > MAX_CHARACTERS:
            return Result(message.key, Outcome.US, code="21617", detail=MEANINGS[21617].words)
        wanted: dict[str, Any] = self._sender | {
            "to": message.address,
            "body": text,
            "validity_period": max(1, min(message.valid_for, MAX_VALIDITY)),
        }
        if self._receipts_url:
            wanted["status_callback"] = f"{self._receipts_url}{message.reference}{RETRIES}"
        try:
            taken = await self._messages.create_async(**wanted)
        except RefusedError as refused:
            return _refused(message.key, refused)
        except NoAnswerError as nothing:
            outcome = Outcome.UNKNOWN if nothing.sent else Outcome.LATER
            return Result(message.key, outcome, detail=str(nothing))
        except Exception as error:  # a 2xx that can't be read: it was most likely taken
            return Result(message.key, Outcome.UNKNOWN, detail=f"unreadable answer ({type(error).__name__})")
        if not taken.sid:
            return Result(message.key, Outcome.UNKNOWN, detail="an answer without a message SID")
        return Result(message.key, Outcome.ACCEPTED, taken.sid)


def _refused(key: int, refused: RefusedError) -> Result:
    meaning = of_refusal(refused.status, refused.code)
    code = str(refused.code or f"HTTP {refused.status}")
    return Result(key, meaning.outcome, code=code, detail=meaning.words, retry_after=refused.retry_after)
