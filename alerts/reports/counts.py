"""What is counted of an alert: numbers only, fit to be kept when the rows that they were made from are gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from alerts.reports.ladder import Ladder


class Messages(NamedTuple):
    """Deliveries of one channel that one provider was to take, in one state."""

    channel: str
    provider: str
    """"" where none was asked."""
    state: int
    """A DeliveryState."""
    number: int


class Group(NamedTuple):
    """People for whom the alert was meant, by the language of their text or by where they stay; each of these is None
    in a group that isn't made by it, and "" where it isn't known."""

    language: str | None
    country: str | None
    subdivision: str | None
    people: int
    told: int
    """At least one message was handed over."""
    safe: int
    help: int
    median: float | None
    """Seconds from approval until half of those told were told."""
    last: float | None
    """Until the last one was."""


@dataclass(frozen=True, slots=True)
class Counts:
    """An alert's ledger in numbers."""

    messages: Sequence[Messages]
    handed_over: Ladder
    """Messages by seconds from approval."""
    delivered: Ladder
    groups: Sequence[Group]

    @property
    def everybody(self) -> Group:
        """All the people together."""
        return next(group for group in self.groups if group.language is None and group.country is None)

    def as_dict(self) -> dict[str, Any]:
        """In JSON's types."""
        return {
            "messages": [list(row) for row in self.messages],
            "handed_over": {str(rung): number for rung, number in self.handed_over.items()},
            "delivered": {str(rung): number for rung, number in self.delivered.items()},
            "groups": [list(row) for row in self.groups],
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Counts:
        """The inverse."""
        return cls(
            [Messages(*row) for row in kept["messages"]],
            _ladder(kept["handed_over"]),
            _ladder(kept["delivered"]),
            [Group(*row) for row in kept["groups"]],
        )


def _ladder(kept: Mapping[str, int]) -> dict[int, int]:
    return {int(rung): number for rung, number in kept.items()}
