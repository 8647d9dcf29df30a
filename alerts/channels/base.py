"""What every channel adapter offers, in the words of the ledger and of no vendor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

UNSUBSCRIBE = "@@UNSUBSCRIBE@@"
"""Stands in a text where each recipient's own unsubscribe address goes; a channel fills it in."""


class Outcome(StrEnum):
    """What a provider's answer means. Each has exactly one treatment."""

    ACCEPTED = "accepted"  # the provider took it
    LATER = "later"  # not processed; the same message may be handed over again
    NEVER = "never"  # this address can't be reached; try the person's next contact point
    OPTED_OUT = "opted_out"  # the person told the provider to stop
    US = "us"  # our account is at fault: open the breaker, touch no further row
    COUNTRY = "country"  # our account may not send to this country: leave it out for a while, others go on
    EXPIRED = "expired"  # its validity ran out; sending it again would be pointless
    UNKNOWN = "unknown"  # it may or may not have been taken: reconcile, never blind-resend


@dataclass(frozen=True, slots=True)
class Content:
    """One text in one language, shared by all who get it. `text` and `html` may hold UNSUBSCRIBE."""

    language: str  # BCP 47
    text: str
    subject: str | None = None
    html: str | None = None
    sender: str | None = None  # display name of the From header; None for a neutral one


class Message(NamedTuple):
    """One content for one address."""

    key: int  # the caller's own handle, given back in the Result
    address: str  # E.164 or email
    content: Content
    reference: str  # names the delivery to the provider (callback address, Message-ID); URL-safe ASCII
    valid_for: int = 36_000  # seconds after which the provider should stop trying
    unsubscribe_url: str | None = None


class Result(NamedTuple):
    """What became of one message."""

    key: int
    outcome: Outcome
    provider_id: str | None = None
    code: str | None = None  # the provider's own code, as text
    detail: str = ""  # for an officer or engineer; never an address, never a secret
    retry_after: float | None = None  # seconds the provider asked us to wait


@dataclass(frozen=True, slots=True)
class Question:
    """Asks whether a provider already holds a message: how to reconcile a claim whose answer was lost."""

    key: int
    address: str
    text: str
    reference: str
    since: datetime  # aware; when the message was claimed, by the database's clock
    ahead: timedelta = timedelta()  # how far that clock is ahead of this machine's


@dataclass(frozen=True, slots=True)
class Answer:
    """`taken` is None where the provider could not say."""

    key: int
    taken: bool | None
    provider_id: str | None = None
    unreachable: bool = False  # with `taken` None: it could not be asked now, and may know later


@dataclass(slots=True)
class Receipt:
    """A delivery state in the ledger's own words, as a provider reported it later."""

    state: str  # accepted, sent, delivered, failed
    provider_id: str | None = None
    code: str | None = None
    outcome: Outcome | None = None  # for failed: what the code means for the address
    extra: dict[str, str] = field(default_factory=dict)


class Channel(Protocol):
    """An adapter for one provider of one channel. Safe to use from several threads at once."""

    @property
    def name(self) -> str:
        """The word "sms" or "email"."""
        ...

    @property
    def provider(self) -> str:
        """Such as "twilio", "smtp" or "sandbox"."""
        ...

    def send(self, messages: Iterable[Message]) -> Iterator[Result]:
        """Send lazily: take the next message only when there is room in flight; yield results as they come.

        Never raises for a provider's fault: every message taken from `messages` yields exactly one Result.
        Stops taking when the caller's iterator ends, and after a Result with Outcome.US. `messages` is read
        in the caller's thread and should not block for long: results wait meanwhile. A caller that stops
        early loses the results in flight.
        """
        ...

    def ask(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """Ask the provider which of these it holds; one Answer each. Never raises for a provider's fault."""
        ...

    def close(self) -> None:
        """Close kept-alive connections."""
        ...
