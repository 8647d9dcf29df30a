"""Delivering one batch: claim, send, record, in short steps with no transaction open while a provider answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import select

from alerts.channels.base import Answer, Channel, Message, Outcome, Question, Result
from alerts.delivery import reference
from alerts.delivery.claims import Claim, Recipient, claim, unpublish
from alerts.delivery.models import Batch
from alerts.delivery.models import DeliveryState as S
from alerts.delivery.recording import DOUBT, LeaseLost, Verdict, judge
from alerts.lifecycle.models import Severity
from registry.crypto import KeyAway, Unreadable
from registry.crypto.keyring import OrganisationKeys
from registry.database import scoped, unscoped
from registry.organisations.models import Organisation
from registry.organisations.services import keys_of
from registry.people.links import unsubscribe_token
from registry.people.vault import address_row
from workers.breaker import is_open, open_breaker
from workers.health import PROBE
from workers.holding import FLUSH_SECONDS, Holding
from workers.pacing import chunk_size, reserve
from workers.runtime import WorkerRuntime
from workers.texts import Texts, texts_of

log = logging.getLogger(__name__)

AFTER_FAULT = timedelta(seconds=30)
"""How long a batch rests in which something of ours went wrong."""
PATIENCE = timedelta(minutes=2)
"""How long a provider that can't be asked is waited for before a life-safety message is sent again unasked."""
LIFE_SAFETY = frozenset({Severity.EXTREME, Severity.SEVERE})
"""Where nobody can say whether a message was taken, alerts this grave rather come twice than never."""


def deliver(runtime: WorkerRuntime, batch_id: int) -> int:
    """Deliver what is due in a batch and return how many messages were handed over. Harmless at any time."""
    with unscoped() as session:
        batch = session.execute(
            select(Batch.organisation_id, Batch.channel).where(Batch.id == batch_id)
        ).first()
    if batch is None:
        return 0
    channel = runtime.channels[batch.channel]
    with scoped(batch.organisation_id) as session:
        barred = runtime.stopping.is_set() or is_open(session, channel.provider)
        held = None if barred else claim(session, batch_id)
        if held is None:
            unpublish(session, batch_id)
            return 0
        organisation = session.get_one(Organisation, batch.organisation_id)
        keys = keys_of(runtime.keyring, organisation)
    texts = texts_of(held, organisation, runtime.base_url)
    return Delivering(runtime, held, channel, keys, texts).run()


class Delivering:
    """One batch in one worker's hands."""

    def __init__(
        self, runtime: WorkerRuntime, held: Claim, channel: Channel, keys: OrganisationKeys, texts: Texts
    ) -> None:
        self.runtime, self.claim, self.channel, self.keys, self.texts = runtime, held, channel, keys, texts
        self.recipients = {recipient.contact_point_id: recipient for recipient in held.recipients}
        self.life_safety = held.snapshot["severity"] in LIFE_SAFETY
        self.untouched = set(self.recipients)
        self.holding = Holding(held, channel.provider)
        self.handed_over = 0

    def run(self) -> int:
        """Ask about what is in doubt, send the rest, record everything, let the batch go."""
        try:
            self._send_all()
            self.holding.let_go(sorted(self.untouched))
        except LeaseLost:
            log.warning("batch %d was taken over while it was being sent", self.claim.batch_id)
        except Exception:  # what was not handed over must not come back in doubt
            with suppress(LeaseLost):
                self.holding.let_go(sorted(self.untouched), AFTER_FAULT)
            raise
        return self.handed_over

    def _send_all(self) -> None:
        to_send = [recipient for recipient in self.claim.recipients if not recipient.in_doubt]
        if in_doubt := [recipient for recipient in self.claim.recipients if recipient.in_doubt]:
            to_send += self._reconcile(in_doubt)
        for chunk in self._chunks(to_send):
            for result in self.channel.send(self._messages(chunk)):
                self._note(result)
            if self.holding.stopped:
                break

    def _chunks(self, recipients: Sequence[Recipient]) -> Iterator[Sequence[Recipient]]:
        """All at once where there is no pace to keep; else half a second's worth, each after its reserved wait.

        A provider that is not trusted gets a few first, so that a fault of our account touches few rows.
        """
        rate = self.runtime.rates.get(self.claim.channel)
        size = chunk_size(rate)
        if size is None or rate is None:
            probe = 0 if self.runtime.health.is_trusted(self.channel.provider) else PROBE
            yield from (part for part in (recipients[:probe], recipients[probe:]) if part)
            return
        for start in range(0, len(recipients), size):
            chunk = recipients[start : start + size]
            with unscoped() as session:
                wait = reserve(session, self.channel.provider, self._units(chunk), rate)
            self._wait(wait)
            if self._must_stop():
                return
            yield chunk

    def _units(self, chunk: Sequence[Recipient]) -> int:
        """What a sender's rate counts: segments of SMS, else messages."""
        if self.claim.channel != "sms":
            return len(chunk)
        return sum(self.texts.segments[self._text_key(recipient)] for recipient in chunk)

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._must_stop() and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, FLUSH_SECONDS))
            self.holding.keep()

    def _messages(self, recipients: Sequence[Recipient]) -> Iterator[Message]:
        """Made as the channel asks for them, so that a pause, a cancel or a lost lease stops the flow at once."""
        for recipient in recipients:
            if self._must_stop():
                self.holding.stopped = True
                return
            message = self._message(recipient)
            if message is not None:
                self.untouched.discard(recipient.contact_point_id)
                self.handed_over += 1
                yield message

    def _must_stop(self) -> bool:
        return (
            self.holding.stopped
            or self.holding.is_running_out
            or self.runtime.stopping.is_set()
            or self.runtime.health.refused_since(self.channel.provider, self.holding.started_at)
        )

    def _message(self, recipient: Recipient) -> Message | None:
        address = self._address(recipient)
        if address is None:
            return None
        link = None
        if self.claim.channel == "email":
            token = unsubscribe_token(
                self.runtime.keyring.signing_key, self.claim.organisation_id, recipient.contact_point_id
            )
            link = f"{self.runtime.base_url}/stop/{token}"
        return Message(
            recipient.contact_point_id,
            address,
            self.texts.contents[self._text_key(recipient)],
            self._reference(recipient),
            self._seconds_left(),
            link,
        )

    def _address(self, recipient: Recipient) -> str | None:
        """Opened only now, and kept nowhere. One that can't be opened fails alone and stops nobody else; while the
        keystore is away, all wait for it."""
        try:
            cipher = self.keys.person(recipient.wrapped_key, recipient.person)
            row = address_row(recipient.person, recipient.address_index)
            return cipher.open(recipient.sealed_address, row).decode()
        except KeyAway:
            raise
        except Unreadable:
            self.untouched.discard(recipient.contact_point_id)
            self.holding.verdicts.append(Verdict(recipient.contact_point_id, S.FAILED, code="unreadable"))
            return None

    def _text_key(self, recipient: Recipient) -> tuple[str, str, bool]:
        return self.claim.channel, recipient.language, recipient.quiet

    def _reference(self, recipient: Recipient) -> str:
        return reference.make(
            self.runtime.keyring.signing_key,
            self.claim.organisation_id,
            self.claim.channel,
            self.claim.alert_id,
            recipient.contact_point_id,
            recipient.resent,
        )

    def _seconds_left(self) -> int:
        return max(1, int((self.claim.expires_at - self.claim.now()).total_seconds()))

    def _reconcile(self, recipients: Sequence[Recipient]) -> list[Recipient]:
        """Ask the provider which messages it holds; return those that are safe, or wiser, to send again."""
        again = []
        questions = []
        for recipient in recipients:
            self.untouched.discard(recipient.contact_point_id)
            address = self._address(recipient)
            if address is not None:
                questions.append(
                    Question(
                        recipient.contact_point_id,
                        address,
                        self.texts.contents[self._text_key(recipient)].text,
                        self._reference(recipient),
                        recipient.claimed_at,
                    )
                )
        for answer in self.channel.ask(questions):
            recipient = self.recipients[answer.key]
            verdict = self._verdict(recipient, answer)
            if verdict is not None:
                self.holding.verdicts.append(verdict)
            elif recipient.welcome:
                again.append(recipient)
            if answer.taken is False:
                self.untouched.add(answer.key)  # known not to be on its way, should we have to stop
            self.holding.flush_if_due()
            self.holding.keep()
        self.holding.flush()
        return again

    def _verdict(self, recipient: Recipient, answer: Answer) -> Verdict | None:
        """What an answer settles; None where sending again is safe, or wiser."""
        if answer.taken:
            return Verdict(answer.key, S.ACCEPTED, answer.provider_id)
        if answer.taken is False:
            return None
        waited = self.claim.now() - recipient.claimed_at
        if answer.unreachable and (waited < PATIENCE or not self.life_safety):
            return Verdict(answer.key, S.CLAIMED, code="no_answer", next_attempt_at=self.claim.now() + DOUBT)
        if self.life_safety and recipient.welcome:
            return None
        return Verdict(answer.key, S.UNCERTAIN, code="no_answer")

    def _note(self, result: Result) -> None:
        recipient = self.recipients[result.key]
        self.holding.verdicts.append(judge(self.claim, result, recipient.attempts))
        if result.outcome is Outcome.ACCEPTED:
            self.runtime.health.accepted(self.channel.provider)
        if result.outcome is Outcome.US:
            self.holding.stopped = True
            self.runtime.health.refused(self.channel.provider)
            with unscoped() as session:
                open_breaker(session, self.channel.provider, f"{result.code or ''} {result.detail}".strip())
            log.error("%s refuses us: %s", self.channel.provider, result.code or "no code")
        self.holding.flush_if_due()
