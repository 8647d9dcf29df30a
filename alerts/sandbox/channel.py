"""The sandbox: a channel that keeps messages in the database, where a page shows them as a phone or inbox would."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.exc import SQLAlchemyError

from alerts.channels.base import UNSUBSCRIBE, Answer, Message, Outcome, Question, Result
from alerts.delivery import reference as references
from alerts.delivery.models import DeliveryState, ReceivedReceipt
from alerts.sandbox.services import Letter, held, keep
from registry.crypto import Keyring
from registry.database import scoped
from registry.people.models import ChannelName

CHUNK = 100
"""Messages kept by one transaction."""


@dataclass(frozen=True, slots=True)
class SandboxChannel:
    """Takes the place of a provider for the channel `name`, "sms" or "email". Nothing leaves the machine."""

    keyring: Keyring
    name: str
    provider: str = "sandbox"

    def send(self, messages: Iterable[Message]) -> Iterator[Result]:
        """Keep messages, each with the organisation that its reference names."""
        source = iter(messages)
        while chunk := list(islice(source, CHUNK)):
            groups: dict[int | None, list[Message]] = defaultdict(list)
            for message in chunk:
                groups[self._organisation(message.reference)].append(message)
            for organisation_id, group in groups.items():
                yield from self._keep(organisation_id, group)

    def ask(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """Whether a message with the reference is kept."""
        groups: dict[int | None, list[Question]] = defaultdict(list)
        for question in questions:
            groups[self._organisation(question.reference)].append(question)
        for organisation_id, group in groups.items():
            try:
                found = self._held(organisation_id, group)
            except SQLAlchemyError:
                yield from (Answer(question.key, None, unreachable=True) for question in group)
            else:
                for question in group:
                    number = found.get(question.reference)
                    yield Answer(question.key, number is not None, _provider_id(number))

    def close(self) -> None:
        """There is no connection of its own."""

    def _organisation(self, name: str) -> int | None:
        reference = references.read(self.keyring.signing_key, name)
        return reference.organisation_id if reference else None

    def _keep(self, organisation_id: int | None, group: list[Message]) -> Iterator[Result]:
        if organisation_id is None:
            yield from (
                Result(message.key, Outcome.NEVER, code="reference", detail="the reference is not ours")
                for message in group
            )
            return
        letters = [_letter(message) for message in group]
        try:
            with scoped(organisation_id) as session:
                numbers = keep(session, self.keyring, organisation_id, self.name, letters)
                session.add_all(self._receipts(group))
        except SQLAlchemyError as error:
            kind = type(error).__name__
            yield from (
                Result(message.key, Outcome.UNKNOWN, code="database", detail=kind) for message in group
            )
            return
        for message, number in zip(group, numbers, strict=True):
            yield Result(message.key, Outcome.ACCEPTED, _provider_id(number))

    def _receipts(self, group: list[Message]) -> Iterator[ReceivedReceipt]:
        """What a provider would report a moment later: here every message arrives."""
        for message in group:
            reference = references.read(self.keyring.signing_key, message.reference)
            if reference and reference.channel in set(ChannelName):
                yield ReceivedReceipt(
                    organisation_id=reference.organisation_id,
                    alert_id=reference.number,
                    channel=reference.channel,
                    contact_point_id=reference.contact_point_id,
                    state=DeliveryState.DELIVERED,
                    resent=reference.resent,
                )

    def _held(self, organisation_id: int | None, group: list[Question]) -> dict[str, int]:
        if organisation_id is None:
            return {}
        with scoped(organisation_id) as session:
            return held(session, organisation_id, self.name, [question.reference for question in group])


def _letter(message: Message) -> Letter:
    content = message.content
    address = message.unsubscribe_url or ""
    return Letter(
        address=message.address,
        text=content.text.replace(UNSUBSCRIBE, address),
        language=content.language,
        subject=content.subject,
        sender=content.sender,
        unsubscribe_url=message.unsubscribe_url,
        reference=message.reference,
    )


def _provider_id(number: int | None) -> str | None:
    return None if number is None else f"sandbox-{number}"
