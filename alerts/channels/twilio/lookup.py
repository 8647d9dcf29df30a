"""Asks Twilio whether it already holds a message: by number, text and time, for want of a reference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.channels.base import UNSUBSCRIBE, Answer, Question
from alerts.channels.twilio.transport import CurlTransport
from alerts.text import simplify

_MARGIN = timedelta(
    seconds=5
)  # Twilio's clock has whole seconds, and what it says of it takes its time to arrive
_PAGE = 50
_PAGES = 20  # a number with a thousand newer messages is not a person's
_TRIAL = "Sent from your Twilio trial account - "


async def look_up(messages: Any, question: Question, transport: CurlTransport) -> Answer:
    """One Answer; `taken` is None when Twilio can't say.

    The moment of the claim is the database's, the dates of messages are Twilio's: between the two stands what the
    same answer says of Twilio's clock.

    No DateSent filter: a message still queued at Twilio has no such date, and asking by it would hide just
    those that must not be sent again.
    """
    try:
        page = await messages.page_async(to=question.address, page_size=_PAGE)
        since = question.since.astimezone(UTC) + _difference(question, transport) - _MARGIN
        for _ in range(_PAGES):
            records = list(page)
            for record in records:
                if _same(record, question, since):
                    return Answer(question.key, True, record.sid)
            if not records or not page.next_page_url or _older(records, since):
                return Answer(question.key, False)
            page = await page.next_page_async()
    except Exception:  # whatever went wrong, Twilio did not say
        return Answer(question.key, None, unreachable=True)
    return Answer(question.key, None)


def _difference(question: Question, transport: CurlTransport) -> timedelta:
    """How far Twilio's clock is ahead of the database's; nothing where Twilio doesn't say."""
    return timedelta() if transport.ahead is None else transport.ahead - question.ahead


def _same(record: Any, question: Question, since: datetime) -> bool:
    return (
        str(record.direction).startswith("outbound")
        and record.date_created is not None
        and record.date_created.astimezone(UTC) >= since
        and _same_text(str(record.body), question.text)
    )


def _same_text(body: str, text: str) -> bool:
    """Twilio may straighten quotes and trim spaces, and opens with a line of its own on a trial account."""
    found, head, tail = _plain(body.removeprefix(_TRIAL)), *map(_plain, _around(text))
    if UNSUBSCRIBE not in text:
        return found == head
    return len(found) >= len(head) + len(tail) and found.startswith(head) and found.endswith(tail)


def _around(text: str) -> tuple[str, str]:
    head, _, tail = text.partition(UNSUBSCRIBE)
    return head, tail.rpartition(UNSUBSCRIBE)[2]


def _plain(text: str) -> str:
    return " ".join(simplify(text).split())


def _older(records: list[Any], since: datetime) -> bool:
    """The list is newest first: a whole page from before the claim ends the search."""
    return all(
        record.date_created is not None and record.date_created.astimezone(UTC) < since for record in records
    )
