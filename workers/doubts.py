"""What to do about messages of which nobody knows whether they were taken: ask the provider that was to take them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from alerts.channels.base import Answer, Channel, Question
from alerts.delivery.claims import Recipient
from alerts.delivery.models import DeliveryState as S
from alerts.delivery.recording import DOUBT, Verdict
from alerts.lifecycle.models import Severity
from workers.holding import Holding
from workers.letters import Letters

PATIENCE = timedelta(minutes=2)
"""How long a provider that can't be asked is waited for before a life-safety message is sent again unasked."""
LIFE_SAFETY = frozenset({Severity.EXTREME, Severity.SEVERE})
"""Where nobody can say whether a message was taken, alerts this grave rather come twice than never."""


def reconcile(
    recipients: Sequence[Recipient], channels: Mapping[str, Channel], letters: Letters, holding: Holding
) -> list[Recipient]:
    """Settle what can be settled, and return those whom it is safe, or wiser, to send to again.

    `channels` are by provider: each message is asked for where it was to go, for another knows nothing of it.
    """
    again = []
    questions: dict[str, list[Question]] = defaultdict(list)
    for recipient in recipients:
        holding.untouched.discard(recipient.contact_point_id)
        address = letters.address(recipient, holding)
        if address is not None:
            questions[recipient.provider or ""].append(letters.question(recipient, address))
    for answer in _ask(questions, channels):
        recipient = holding.recipients[answer.key]
        verdict = _verdict(recipient, answer, holding)
        if verdict is not None:
            holding.verdicts.append(verdict)
        elif recipient.welcome:
            again.append(recipient)
        if answer.taken is False:
            holding.untouched.add(answer.key)  # known not to be on its way, should we have to stop
        holding.flush_if_due()
        holding.keep()
    holding.flush()
    return again


def _ask(questions: Mapping[str, Sequence[Question]], channels: Mapping[str, Channel]) -> Iterator[Answer]:
    """Of a release that did not note its provider, or had one alone, the only one is asked."""
    only = next(iter(channels.values())) if len(channels) == 1 else None
    for provider, asked in questions.items():
        channel = channels.get(provider) or (only if not provider else None)
        if channel is None:
            yield from (Answer(question.key, None) for question in asked)
        else:
            yield from channel.ask(asked)


def _verdict(recipient: Recipient, answer: Answer, holding: Holding) -> Verdict | None:
    """What an answer settles; None where sending again is safe, or wiser."""
    if answer.taken:
        return Verdict(answer.key, S.ACCEPTED, answer.provider_id)
    if answer.taken is False:
        return None
    now = holding.claim.now()
    life_safety = holding.claim.snapshot["severity"] in LIFE_SAFETY
    if answer.unreachable and (now - recipient.claimed_at < PATIENCE or not life_safety):
        return Verdict(answer.key, S.CLAIMED, code="no_answer", next_attempt_at=now + DOUBT)
    if life_safety and recipient.welcome:
        return None
    return Verdict(answer.key, S.UNCERTAIN, code="no_answer")
