"""A ladder of times: moments are counted by the rung that they stay under, so that a few hundred numbers tell how an
alert went, from its first second to its last week."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RUNGS: Final = (
    *range(1, 61),
    *range(70, 601, 10),
    *range(660, 7201, 60),
    *range(7800, 172_801, 600),
    *range(259_200, 2_592_001, 86_400),
)
"""Seconds. What takes longer than the last one counts as that."""

RUNG: Final = """coalesce((CAST(:rungs AS int[]))[width_bucket(
    extract(epoch FROM {moment} - CAST(:since AS timestamptz))::float8, CAST(:rungs AS float8[])) + 1], :top)"""
"""An SQL expression: the lowest rung that `moment` comes before, counted from `since`."""

Ladder = Mapping[int, int]
"""Rung → how many moments came before it, and not before the one below."""


def by(ladder: Ladder, seconds: float) -> int:
    """How many came within so many seconds: exact where that is a rung."""
    return sum(number for rung, number in ladder.items() if rung <= seconds)


def within(ladder: Ladder, share: float) -> int:
    """The rung under which so large a share of all lies; 0 of none."""
    wanted, so_far = share * sum(ladder.values()), 0
    for rung, number in sorted(ladder.items()):
        so_far += number
        if so_far >= wanted:
            return rung
    return 0
