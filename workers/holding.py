"""A claimed batch in one worker's hands: verdicts on their way to the ledger, and a lease to be kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from alerts.delivery.claims import LEASE, Claim
from alerts.delivery.models import DeliveryState
from alerts.delivery.recording import Verdict, record, release
from alerts.lifecycle.models import AlertState
from registry.database import scoped
from workers.breaker import close_breaker

T = TypeVar("T")

FLUSH_ROWS = 1000
"""At 4,000 messages a second a thread writes every quarter of a second; a provider that is quicker than that is not
worth more writing."""
FLUSH_SECONDS = 0.25
COUNT_SECONDS = 2.0
"""How old a batch's tally may become while it is in hand."""
MARGIN = 15.0
"""Seconds before its lease ends at which a worker that could not renew it hands over nothing more."""
TRY_AGAIN = 0.5
"""Seconds between attempts to write while the database is away."""


class Holding:
    """Every method that writes raises LeaseLost once the batch is another's.

    What a provider has taken and the ledger doesn't know yet must not be forgotten: while the database is away, or
    had two of us wait for each other, writing is tried again for as long as the lease was.
    """

    def __init__(self, claim: Claim, provider: str) -> None:
        self.claim = claim
        self.provider = provider
        """The one that messages are handed to at the moment."""
        self.recipients = {recipient.contact_point_id: recipient for recipient in claim.recipients}
        self.untouched = set(self.recipients)
        """Surely not handed over: pending again when the batch is let go."""
        self.verdicts: list[Verdict] = []
        self.stopped = False
        """The alert was paused or ended, or the provider refuses us: hand over nothing more."""
        self._proved: set[str] = set()
        self.started_at = self.renewed_at = self.flushed_at = self.counted_at = time.monotonic()

    @property
    def is_running_out(self) -> bool:
        """The lease could not be renewed for so long that nothing more may be handed over."""
        return time.monotonic() - self.renewed_at > LEASE.total_seconds() - MARGIN

    def note(self, verdict: Verdict) -> None:
        """What becomes of one that was not handed over."""
        self.untouched.discard(verdict.contact_point_id)
        self.verdicts.append(verdict)

    def flush_if_due(self) -> None:
        """Write verdicts when there are many, or the oldest has waited."""
        urgent = self.claim.first and self.flushed_at == self.started_at
        late = time.monotonic() - self.flushed_at > FLUSH_SECONDS
        if self.verdicts and (urgent or late or len(self.verdicts) >= FLUSH_ROWS):
            self.flush()

    def keep(self) -> None:
        """Renew the lease, and notice a pause, though there may be nothing to write."""
        if time.monotonic() - self.flushed_at > 1.0:
            self.flush()

    def flush(self) -> None:
        """Write all verdicts and renew the lease."""
        count = time.monotonic() - self.counted_at > COUNT_SECONDS
        verdicts = self._take()
        state = self._persist(lambda session: self._record(session, verdicts, count))
        self.renewed_at = self.flushed_at = time.monotonic()
        if count:
            self.counted_at = self.flushed_at
        self.stopped = self.stopped or state not in (AlertState.SENDING, AlertState.SENT)

    def let_go(self, rest: timedelta = timedelta()) -> None:
        """Write what is left and give the batch up; those untouched are due again after `rest`."""
        verdicts, untouched = self._take(), sorted(self.untouched)

        def write(session: Session) -> None:
            release(session, self.claim, verdicts, untouched, rest)
            self._prove(session, verdicts)

        self._persist(write)

    def _take(self) -> list[Verdict]:
        verdicts, self.verdicts = self.verdicts, []
        return verdicts

    def _record(self, session: Session, verdicts: Sequence[Verdict], count: bool) -> str:
        state = record(session, self.claim, verdicts, count=count)
        self._prove(session, verdicts)
        return state

    def _prove(self, session: Session, verdicts: Sequence[Verdict]) -> None:
        if self.provider not in self._proved and any(
            verdict.state is DeliveryState.ACCEPTED for verdict in verdicts
        ):
            close_breaker(session, self.provider)
            self._proved.add(self.provider)

    def _persist(self, write: Callable[[Session], T]) -> T:
        while True:
            try:
                with scoped(self.claim.organisation_id) as session:
                    return write(session)
            except OperationalError:
                if time.monotonic() - self.renewed_at > LEASE.total_seconds():
                    raise
                time.sleep(TRY_AGAIN)
