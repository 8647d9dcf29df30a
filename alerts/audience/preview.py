"""What an officer sees before an alert is approved: whom it reaches, what it costs, how long it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alerts.text.gsm import Measure

if TYPE_CHECKING:  # it knows Flask, which nothing here needs
    from registry.web.platform import Platform

STATES = ("reached", "quiet", "opted_out", "unreachable", "paused", "unconfirmed")


@dataclass(frozen=True, slots=True)
class Rates:
    """What is known of the senders. None where it isn't."""

    sms: float | None = None
    """SMS segments a second."""
    email: float | None = None
    """Emails a second."""
    segment_price: float | None = None
    currency: str = "USD"
    providers: tuple[tuple[str, str], ...] = (("sms", "twilio"), ("email", "smtp"))
    """Each channel's provider, whose measured pace stands in for a rate that isn't set."""

    @classmethod
    def of(cls, platform: Platform) -> Rates:
        """As the platform is set up."""
        providers = tuple((channel, names[0]) for channel, names in platform.providers.items())
        return cls(
            platform.sms_rate, platform.email_rate, platform.segment_price, platform.currency, providers
        )


@dataclass(frozen=True, slots=True)
class Missing:
    """A language that some of the audience speak and that has no text on a channel."""

    channel: str
    language: str
    gets: str | None
    """The language of the text that they get instead; None when the channel has no text yet."""
    contact_points: int


@dataclass(frozen=True, slots=True)
class SmsText:
    """One language's SMS as it will be sent, its frame included."""

    language: str
    contact_points: int
    """How many get it, in quiet mode or not."""
    text: str
    """For those not in quiet mode."""
    measure: Measure
    """Of `text`."""


@dataclass(slots=True)
class Preview:
    """Counts are of contact points unless they say people. Only the chosen channels are counted."""

    total: int = 0
    """Reached: active, in quiet mode or not."""
    people: int = 0
    """People reached by at least one of the channels."""
    by_language: dict[str, dict[str, int]] = field(default_factory=dict)
    """channel → language wanted → reached; most first."""
    by_state: dict[str, dict[str, int]] = field(default_factory=dict)
    """channel → state → contact points. "reached" includes those in "quiet" mode; the others get nothing.
    "unreadable" is among them where the key of somebody's post was shredded."""
    missing: list[Missing] = field(default_factory=list)
    unreadable: int = 0
    """Would be reached, had the key of their post not been shredded."""
    unplaced: int = 0
    """Of those reached: counted in because it isn't known in which part of the country they are."""
    sms: list[SmsText] = field(default_factory=list)
    segments: int | None = None
    """Of all SMS together; None while there is no text for some of them."""
    cost: float | None = None
    currency: str = "USD"
    waiting: int = 0
    """Reached, but later: in quiet mode, and outside the hours that they chose."""
    seconds: float | None = None
    """Until the last person has it; None when a sender's pace isn't known."""
