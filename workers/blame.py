"""Receipts that blame our account or sender: a provider took the messages, and every one of them came back."""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from collections.abc import Iterable

from sqlalchemy.orm import Session

from alerts.delivery.receipts import Word
from workers.breaker import LONGEST_PAUSE, open_breaker

log = logging.getLogger(__name__)

REMEMBERED = 20
"""Words of a provider's receipts that count."""
ENOUGH = 5
"""So many of them, and half of those remembered: one filtered message doesn't stop an alert."""


class Blame:
    """What each provider's receipts said last, in the leading dispatcher's memory: a new leader soon hears as much."""

    def __init__(self) -> None:
        self._heard: defaultdict[str, deque[bool]] = defaultdict(lambda: deque(maxlen=REMEMBERED))

    def hear(self, session: Session, words: Iterable[Word]) -> None:
        """Open the breaker of a provider that blames us, for the longest pause: taking messages proves nothing."""
        for word in words:
            heard = self._heard[word.provider]
            heard.append(word.blames_us)
            blamed = sum(heard)
            if blamed >= ENOUGH and 2 * blamed >= len(heard):
                heard.clear()
                open_breaker(session, word.provider, f"{word.code or ''} by receipts", LONGEST_PAUSE)
                log.error("%s's receipts blame us: %s", word.provider, word.code or "no code")
