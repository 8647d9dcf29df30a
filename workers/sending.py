"""Delivering one batch: claim, send, record, in short steps with no transaction open while a provider answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence

from sqlalchemy import select

from alerts.channels.base import Channel, Message, Outcome, Question, Result
from alerts.delivery import reference
from alerts.delivery.claims import LEASE, Claim, Recipient, claim
from alerts.delivery.models import Batch
from alerts.delivery.models import DeliveryState as S
from alerts.delivery.recording import LeaseLost, Verdict, judge, record, release
from alerts.lifecycle.models import AlertState, Severity
from registry.crypto.keyring import OrganisationKeys, Unreadable
from registry.database import scoped, unscoped
from registry.organisations.models import Organisation
from registry.organisations.services import keys_of
from registry.people.links import unsubscribe_token
from registry.people.vault import address_row
from workers.breaker import close_breaker, is_open, open_breaker
from workers.health import PROBE
from workers.pacing import chunk_size, reserve
from workers.runtime import WorkerRuntime
from workers.texts import Texts, texts_of

log = logging.getLogger(__name__)

FLUSH_ROWS = 50
FLUSH_SECONDS = 0.25
MARGIN = 15.0
"""Seconds before its lease ends at which a worker that could not renew it hands over nothing more."""
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
        if is_open(session, channel.provider):
            return 0
        held = claim(session, batch_id)
        if held is None:
            return 0
        organisation = session.get_one(Organisation, batch.organisation_id)
    texts = texts_of(held, organisation, runtime.base_url)
    return Delivering(runtime, held, channel, keys_of(runtime.keyring, organisation), texts).run()


class Delivering:
    """One batch in one worker's hands."""

    def __init__(
        self, runtime: WorkerRuntime, held: Claim, channel: Channel, keys: OrganisationKeys, texts: Texts
    ) -> None:
        self.runtime, self.claim, self.channel, self.keys, self.texts = runtime, held, channel, keys, texts
        self.recipients = {recipient.contact_point_id: recipient for recipient in held.recipients}
        self.life_safety = held.snapshot["severity"] in LIFE_SAFETY
        self.untouched = set(self.recipients)
        self.verdicts: list[Verdict] = []
        self.stopped = False
        self.handed_over = 0
        self.started_at = self.renewed_at = self.flushed_at = time.monotonic()

    def run(self) -> int:
        """Ask about what is in doubt, send the rest, record everything, let the batch go."""
        try:
            to_send = [recipient for recipient in self.claim.recipients if not recipient.in_doubt]
            in_doubt = [recipient for recipient in self.claim.recipients if recipient.in_doubt]
            if in_doubt:
                to_send += self._reconcile(in_doubt)
            for chunk in self._chunks(to_send):
                for result in self.channel.send(self._messages(chunk)):
                    self._note(result)
                if self.stopped:
                    break
            self._flush()
            with scoped(self.claim.organisation_id) as session:
                release(session, self.claim, sorted(self.untouched))
        except LeaseLost:
            log.warning("batch %d was taken over while it was being sent", self.claim.batch_id)
        return self.handed_over

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
            if self.stopped:
                return
            yield chunk

    def _units(self, chunk: Sequence[Recipient]) -> int:
        """What a sender's rate counts: segments of SMS, else messages."""
        if self.claim.channel != "sms":
            return len(chunk)
        return sum(self.texts.segments[self._text_key(recipient)] for recipient in chunk)

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.stopped and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, FLUSH_SECONDS))
            if time.monotonic() - self.flushed_at > 1.0:
                self._flush()

    def _messages(self, recipients: Sequence[Recipient]) -> Iterator[Message]:
        """Made as the channel asks for them, so that a pause, a cancel or a lost lease stops the flow at once."""
        for recipient in recipients:
            if self._must_stop():
                self.stopped = True
                return
            message = self._message(recipient)
            if message is not None:
                self.untouched.discard(recipient.contact_point_id)
                self.handed_over += 1
                yield message

    def _must_stop(self) -> bool:
        return (
            self.stopped
            or time.monotonic() - self.renewed_at > LEASE.total_seconds() - MARGIN
            or self.runtime.health.refused_since(self.channel.provider, self.started_at)
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
        """Opened only now, and kept nowhere. One that can't be opened fails alone and stops nobody else."""
        try:
            cipher = self.keys.person(recipient.wrapped_key, recipient.person)
            row = address_row(recipient.person, recipient.address_index)
            return cipher.open(recipient.sealed_address, row).decode()
        except Unreadable:
            self.untouched.discard(recipient.contact_point_id)
            self.verdicts.append(Verdict(recipient.contact_point_id, S.FAILED, code="unreadable"))
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
        )

    def _seconds_left(self) -> int:
        return max(1, int(self.claim.expires_at.timestamp() - time.time()))

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
            if answer.taken:
                self.verdicts.append(Verdict(answer.key, S.ACCEPTED, answer.provider_id))
            elif answer.taken is False or self.life_safety:
                again.append(self.recipients[answer.key])
            else:
                self.verdicts.append(Verdict(answer.key, S.UNCERTAIN, code="no_answer"))
            self._flush_if_due()
        self._flush()
        return again

    def _note(self, result: Result) -> None:
        recipient = self.recipients[result.key]
        self.verdicts.append(judge(self.claim, result, recipient.attempts))
        if result.outcome is Outcome.ACCEPTED:
            self.runtime.health.accepted(self.channel.provider)
        if result.outcome is Outcome.US:
            self.stopped = True
            self.runtime.health.refused(self.channel.provider)
            with unscoped() as session:
                open_breaker(session, self.channel.provider, f"{result.code or ''} {result.detail}".strip())
            log.error("%s refuses us: %s", self.channel.provider, result.code or "no code")
        self._flush_if_due()

    def _flush_if_due(self) -> None:
        urgent = self.claim.first and self.flushed_at == self.started_at
        late = time.monotonic() - self.flushed_at > FLUSH_SECONDS
        if self.verdicts and (urgent or late or len(self.verdicts) >= FLUSH_ROWS):
            self._flush()

    def _flush(self) -> None:
        verdicts, self.verdicts = self.verdicts, []
        with scoped(self.claim.organisation_id) as session:
            state = record(session, self.claim, verdicts)
            if self.flushed_at == self.started_at and any(v.state is S.ACCEPTED for v in verdicts):
                close_breaker(session, self.channel.provider)
        self.renewed_at = self.flushed_at = time.monotonic()
        self.stopped = self.stopped or state != AlertState.SENDING
