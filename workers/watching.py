"""Who has stopped, paused or left since a batch was claimed, whether something graver waits for its sender, and whether
that was closed meanwhile."""

from __future__ import annotations

import time
from contextlib import suppress

from sqlalchemy.exc import OperationalError

from alerts.delivery.claims import Recipient
from alerts.delivery.inhand import gone_since
from alerts.delivery.models import DeliveryState as S
from alerts.delivery.recording import Verdict
from registry.database import scoped
from workers.breaker import now_open
from workers.doubts import LIFE_SAFETY
from workers.holding import Holding
from workers.lanes import is_overtaken


class Watch:
    """Looks while messages are handed over, so that the last look is never older than `look_again`, in seconds."""

    def __init__(self, holding: Holding, look_again: float) -> None:
        self._holding, self._look_again = holding, look_again
        self._gone: dict[int, str] = {}
        self._is_urgent = holding.claim.snapshot["severity"] in LIFE_SAFETY
        self.is_overtaken = False
        """An urgent alert waits for the channel: this batch, of an alert that isn't, is to be let go."""
        # Of people, the claim itself was a look.
        self._looked_at = time.monotonic() if self._is_urgent else -look_again

    def has_gone(self, recipient: Recipient) -> bool:
        """Whether this one is to get nothing any more; the ledger is told."""
        holding, key = self._holding, recipient.contact_point_id
        if time.monotonic() - self._looked_at > self._look_again:
            self._looked_at = time.monotonic()
            # While the database is away, recording waits for it, and nothing more is handed over for long.
            with suppress(OperationalError), scoped(holding.claim.organisation_id) as session:
                self._gone = gone_since(session, sorted(holding.untouched | {key}))
                holding.stopped = holding.stopped or holding.provider in now_open(session)
            with suppress(OperationalError):
                self.is_overtaken = not self._is_urgent and is_overtaken(holding.claim.channel)
        reason = self._gone.get(key)
        if reason is None:
            return False
        if recipient.in_doubt and key not in holding.untouched:
            holding.note(Verdict(key, S.UNCERTAIN, code="no_answer"))
        else:
            holding.note(Verdict(key, S.SUPPRESSED, code=reason))
        return True
