"""How far an alert has come, as an officer reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import Session

from alerts.delivery.models import HANDED_OVER, TROUBLE, Batch, DeliveryState, Provider
from alerts.lifecycle.clock import now
from alerts.lifecycle.models import Alert, AlertState

S = DeliveryState
OPEN = (S.PENDING, S.CLAIMED)
MOVING = (AlertState.APPROVED, AlertState.SENDING)


@dataclass(frozen=True, slots=True)
class Course:
    """Sums over an alert's deliveries; counts are of contact points."""

    audience: int
    """Reached, as approved."""
    planned: int
    """In the ledger, which also holds those held back; before it is whole, the audience."""
    handed_over: int
    """The provider has taken them."""
    delivered: int
    trouble: int
    """Failed, uncertain or too late."""
    held_back: int
    waiting: int
    counts: dict[str, dict[S, int]]
    """channel → state → number, every state of every channel."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast it goes. None where it can't be told yet."""

    rate: float | None = None
    """Messages a second since the first one."""
    seconds_left: float | None = None


def course(alert: Alert, tally: dict[str, dict[str, int]]) -> Course:
    """From the tally of an alert that was approved."""
    counts = {channel: {state: words[state.word] for state in S} for channel, words in tally.items()}

    def total(states: tuple[S, ...]) -> int:
        return sum(number[state] for number in counts.values() for state in states)

    written = total(tuple(S))
    audience = int(alert.snapshot["audience"]) if alert.snapshot else 0
    planned = max(written, audience)
    open_ones = total(OPEN) + planned - written
    handed_over, delivered, trouble = total(HANDED_OVER), total((S.DELIVERED,)), total(TROUBLE)
    held_back = total((S.SUPPRESSED,))
    return Course(audience, planned, handed_over, delivered, trouble, held_back, open_ones, counts)


def pace(session: Session, alert: Alert, found: Course) -> Pace:
    """The mean rate since the first message, and how long the rest takes at it."""
    if alert.first_sent_at is None or not found.handed_over:
        return Pace()
    until = alert.finished_at or now(session)
    seconds = max((until.astimezone(UTC) - alert.first_sent_at.astimezone(UTC)).total_seconds(), 1.0)
    rate = found.handed_over / seconds
    moving = alert.state in MOVING and found.waiting
    return Pace(rate, found.waiting / rate if moving else None)


@dataclass(frozen=True, slots=True)
class Stop:
    """A provider to which nothing is handed at the moment."""

    channel: str
    reason: str
    until: datetime
    country: str | None = None
    """ISO 3166-1 code; None where nothing at all is handed over."""


def stops(session: Session, alert: Alert, providers: Mapping[str, Sequence[str]]) -> list[Stop]:
    """The breakers that are open on this alert's channels, whole or for a country; `providers` by channel."""
    rows = session.execute(
        select(Provider.name, Provider.reason, Provider.open_until)
        .where(Provider.open_until > func.now())
        .order_by(Provider.name)
    )
    found = [(*row.name.partition("/"), row.reason or "", row.open_until) for row in rows]
    return [
        Stop(channel, reason, until, country or None)
        for name, _, country, reason, until in found
        for channel in alert.channels
        if name in providers[channel]
    ]


@dataclass(frozen=True, slots=True)
class Failure:
    """Deliveries of one channel that came to the same end for the same reason."""

    channel: str
    state: S
    code: str | None
    number: int


def failures(session: Session, alert: Alert) -> list[Failure]:
    """Why deliveries failed, were held back, or wait for another try; the commonest first."""
    reason = func.jsonb_each_text(Batch.reasons).table_valued("key", "value", joins_implicitly=True)
    number = func.sum(cast(reason.c.value, BigInteger)).label("number")
    rows = session.execute(
        select(Batch.channel, reason.c.key, number)
        .where(Batch.alert_id == alert.id)
        .group_by(Batch.channel, reason.c.key)
        .order_by(number.desc())
        .limit(50)
    )
    found = []
    for channel, key, count in rows:
        state, _, code = key.partition(":")
        found.append(Failure(channel, S(int(state)), code or None, int(count)))
    return found
