"""Which provider took how many messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from alerts.delivery.models import HANDED_OVER, TROUBLE, DeliveryState
from alerts.reports.counts import Messages


class Route(NamedTuple):
    """Messages that one provider took, or was to take, on one channel."""

    channel: str
    provider: str
    handed_over: int
    delivered: int
    trouble: int


def routes(messages: Iterable[Messages]) -> list[Route]:
    """By channel and provider."""
    found: dict[tuple[str, str], list[int]] = {}
    for row in messages:
        sums, state = found.setdefault((row.channel, row.provider), [0, 0, 0]), DeliveryState(row.state)
        sums[0] += row.number * (state in HANDED_OVER)
        sums[1] += row.number * (state is DeliveryState.DELIVERED)
        sums[2] += row.number * (state in TROUBLE)
    return [Route(*key, *sums) for key, sums in sorted(found.items()) if any(sums)]
