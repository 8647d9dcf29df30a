"""Delivering one batch: claim, send, record, in short steps with no transaction open while a provider answers."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import bindparam, select

from alerts.channels.base import Message, Outcome, Result
from alerts.delivery.claims import Recipient, claim, unpublish
from alerts.delivery.inhand import assign
from alerts.delivery.models import Batch
from alerts.delivery.models import DeliveryState as S
from alerts.delivery.recording import LeaseLost, Verdict, judge
from registry.addresses import country_of
from registry.database import scoped, unscoped
from registry.database.session import set_scope
from registry.organisations.models import Organisation
from registry.organisations.services import keys_of
from registry.people.models import ChannelName
from workers.breaker import now_open, open_breaker
from workers.doubts import reconcile
from workers.health import PROBE
from workers.holding import FLUSH_SECONDS, Holding
from workers.letters import Letters
from workers.pacing import chunk_size, reserve
from workers.routes import Route, by_provider, choose, country_breaker
from workers.runtime import WorkerRuntime
from workers.texts import texts_of
from workers.turns import Turn, Turns
from workers.watching import Watch

log = logging.getLogger(__name__)

AFTER_FAULT = timedelta(seconds=30)
"""How long a batch rests in which something of ours went wrong."""
NO_ROUTE = 60.0
"""Seconds for which a message rests that no provider can take to its country."""

_CHANNEL = select(Batch.channel).where(Batch.id == bindparam("batch"))
_OWNER = (
    select(Batch.channel, Organisation)
    .join(Organisation, Organisation.id == Batch.organisation_id)
    .where(Batch.id == bindparam("batch"))
)


def deliver(runtime: WorkerRuntime, batch_id: int) -> int:
    """Deliver what is due in a batch and return how many messages were handed over. Harmless at any time."""
    with Turn(_turns(runtime, batch_id)) as turn:
        taken = _take(runtime, batch_id)
        return taken.run(turn) if taken else 0


def _turns(runtime: WorkerRuntime, batch_id: int) -> Turns | None:
    """Where threads would get in each other's way: not at a sender's pace, nor by mail, for there they mostly wait."""
    with unscoped() as session:
        channel = session.scalar(_CHANNEL, {"batch": batch_id})
    flows = channel == ChannelName.SMS and runtime.routes_of(channel)[0].rate is None
    return runtime.turns if flows else None


def _take(runtime: WorkerRuntime, batch_id: int) -> Delivering | None:
    """Claim a batch, if there is anything for us in it."""
    with unscoped() as session:
        batch = session.execute(_OWNER, {"batch": batch_id}).first()
        if batch is None:
            return None
        organisation: Organisation = batch.Organisation
        set_scope(session, organisation.id)
        routes = runtime.routes_of(batch.channel)
        closed = now_open(session)
        ways = [route for route in routes if route.provider not in closed]
        barred = runtime.stopping.is_set() or not ways
        held = None if barred else claim(session, batch_id, ways[0].provider)
        if held is None:
            unpublish(session, batch_id)
            return None
        keys = keys_of(runtime.keyring, organisation)
    texts = texts_of(held, organisation, runtime.base_url)
    letters = Letters(held, keys, texts, runtime.keyring.signing_key, runtime.base_url)
    return Delivering(runtime, letters, routes, closed)


class Delivering:
    """One batch in one worker's hands. `closed` names the breakers that were open when it was claimed."""

    def __init__(
        self, runtime: WorkerRuntime, letters: Letters, routes: Sequence[Route], closed: set[str]
    ) -> None:
        self.runtime, self.letters, self.routes, self.closed = runtime, letters, routes, closed
        self.ways = [route for route in routes if route.provider not in closed]
        self.claim = letters.claim
        self.holding = Holding(self.claim, self.ways[0].provider)
        self.watch = Watch(self.holding, runtime.look_again)
        self.handed_over = 0

    def run(self, turn: Turn) -> int:
        """Ask about what is in doubt, send the rest, record everything, let the batch go."""
        try:
            turn.begin()
            self._send_all()
            turn.end()
            self.holding.let_go()
        except LeaseLost:
            log.warning("batch %d was taken over while it was being sent", self.claim.batch_id)
        except Exception:  # what was not handed over must not come back in doubt
            with suppress(LeaseLost):
                self.holding.let_go(AFTER_FAULT)
            raise
        return self.handed_over

    def _send_all(self) -> None:
        to_send = [recipient for recipient in self.claim.recipients if not recipient.in_doubt]
        if in_doubt := [recipient for recipient in self.claim.recipients if recipient.in_doubt]:
            to_send += reconcile(in_doubt, by_provider(self.routes), self.letters, self.holding)
        for route, recipients in self._routed(to_send):
            self._assign(route, recipients)
            for chunk in self._chunks(route, recipients):
                for result in route.channel.send(self._messages(route, chunk)):
                    self._note(route, result)
                if self.holding.stopped:
                    return

    def _routed(self, recipients: Sequence[Recipient]) -> list[tuple[Route, Sequence[Recipient]]]:
        """Each with those who are to be reached that way. Looks at their countries only where these matter."""
        if self.ways[0].is_plain(self.closed):
            return [(self.ways[0], recipients)]
        groups: dict[str, list[Recipient]] = {route.provider: [] for route in self.ways}
        for recipient in recipients:
            address = self.letters.address(recipient, self.holding)
            if address is None:
                continue
            route = choose(self.ways, country_of(address), self.closed)
            if route is None:
                self._hold_back(recipient, None)
            else:
                groups[route.provider].append(recipient)
        return [(route, groups[route.provider]) for route in self.ways if groups[route.provider]]

    def _assign(self, route: Route, recipients: Sequence[Recipient]) -> None:
        """The ledger names the provider of each message before it is handed over, so that the right one is asked."""
        self.holding.provider = route.provider
        others = [r.contact_point_id for r in recipients if r.provider != route.provider]
        if others:
            self.holding.flush()
            with scoped(self.claim.organisation_id) as session:
                assign(session, self.claim, others, route.provider)

    def _chunks(self, route: Route, recipients: Sequence[Recipient]) -> Iterator[Sequence[Recipient]]:
        """All at once where there is no pace to keep; else half a second's worth, each after its reserved wait.

        A provider that is not trusted gets a few first, so that a fault of our account touches few rows.
        """
        size = chunk_size(route.rate)
        if size is None or route.rate is None:
            probe = 0 if self.runtime.health.is_trusted(route.provider) else PROBE
            yield from (part for part in (recipients[:probe], recipients[probe:]) if part)
            return
        for start in range(0, len(recipients), size):
            chunk = recipients[start : start + size]
            with unscoped() as session:
                wait = reserve(session, route.provider, self.letters.units(chunk), route.rate)
            self._wait(wait)
            if self._must_stop():
                return
            yield chunk

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._must_stop() and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, FLUSH_SECONDS))
            self.holding.keep()

    def _messages(self, route: Route, recipients: Sequence[Recipient]) -> Iterator[Message]:
        """Made as the channel asks for them, so that a pause, a cancel or a lost lease stops the flow at once."""
        for recipient in recipients:
            gone = self.watch.has_gone(recipient)
            if self._must_stop():
                self.holding.stopped = True
                return
            if gone:
                continue
            address = self.letters.address(recipient, self.holding)
            if address is None:
                continue
            if not route.is_plain(self.closed) and not route.serves(country_of(address), self.closed):
                self._hold_back(recipient, choose(self.ways, country_of(address), self.closed))
                continue
            self.holding.untouched.discard(recipient.contact_point_id)
            self.handed_over += 1
            yield self.letters.message(recipient, address)

    def _hold_back(self, recipient: Recipient, other: Route | None) -> None:
        """Not this way: at once by another, or later."""
        rest = 0.0 if other else NO_ROUTE * random.uniform(1.0, 1.5)  # noqa: S311 - jitter
        due = self.claim.now() + timedelta(seconds=rest)
        self.holding.note(
            Verdict(recipient.contact_point_id, S.PENDING, code="no_route", next_attempt_at=due)
        )

    def _must_stop(self) -> bool:
        return (
            self.holding.stopped
            or self.holding.is_running_out
            or self.watch.is_overtaken
            or self.runtime.stopping.is_set()
            or self.runtime.health.refused_since(self.holding.provider, self.holding.started_at)
        )

    def _note(self, route: Route, result: Result) -> None:
        recipient = self.holding.recipients[result.key]
        self.holding.verdicts.append(judge(self.claim, result, recipient.attempts))
        if result.outcome is Outcome.ACCEPTED:
            self.runtime.health.accepted(route.provider)
        elif result.outcome is Outcome.US:
            self.holding.stopped = True
            self.runtime.health.refused(route.provider)
            self._close(route.provider, result)
        elif result.outcome is Outcome.COUNTRY:
            address = self.letters.address(recipient, self.holding) or ""
            self._close(country_breaker(route.provider, country_of(address)), result)
        self.holding.flush_if_due()

    def _close(self, name: str, result: Result) -> None:
        if name in self.closed:
            return
        self.closed.add(name)
        with unscoped() as session:
            open_breaker(session, name, f"{result.code or ''} {result.detail}".strip())
        log.error("%s refuses us: %s", name, result.code or "no code")
