"""A curve over time as points of a picture: cumulative shares of all the messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from alerts.reports.ladder import Ladder, by, within

SPANS: Final = (
    10, 20, 60, 120, 240, 600, 1200, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 172_800, 345_600, 604_800, 2_592_000,
)  # fmt: skip
"""Seconds that a curve may show: half of each is a plain number as well."""
MOST: Final = (0.98, 0.95)
"""Of the messages handed over and of those delivered the curve shows at least these shares: a phone that is switched on
days later must not squeeze the first hour into a line."""
STEPS: Final = 60
WIDTH, HEIGHT = 600, 180
"""Of the picture, in its own units."""
MARKS: Final = (10, 60, 300, 900, 3600, 21_600, 86_400, 604_800)
"""Seconds after which a table says how many there were."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Two lines from approval on."""

    total: int
    """Messages at the top of the picture."""
    seconds: int
    """At its end."""
    handed_over: str
    """Points of the line, as an SVG path's data has them, without the move that begins it."""
    delivered: str
    marks: list[tuple[int, ...]]
    """(seconds, handed over, delivered) as far as anything still happened."""


def curve(total: int, handed_over: Ladder, delivered: Ladder) -> Curve | None:
    """None while nothing was handed over."""
    if not handed_over:
        return None
    total = max(total, sum(handed_over.values()), 1)
    shown = max(within(handed_over, MOST[0]), within(delivered, MOST[1]))
    span = next((seconds for seconds in SPANS if seconds >= shown), SPANS[-1])
    return Curve(
        total,
        span,
        _line(handed_over, total, span),
        _line(delivered, total, span),
        marks(handed_over, delivered),
    )


def marks(*ladders: Ladder) -> list[tuple[int, ...]]:
    """Rows of how many of each there were by some plain times, up to the first that nothing came after."""
    found: list[tuple[int, ...]] = []
    whole = [sum(ladder.values()) for ladder in ladders]
    for seconds in MARKS:
        row = [by(ladder, seconds) for ladder in ladders]
        if found or any(row):
            found.append((seconds, *row))
        if row == whole:
            break
    return found


def _line(ladder: Ladder, total: int, span: int) -> str:
    points = []
    for step in range(STEPS + 1):
        share = by(ladder, span * step / STEPS) / total
        points.append(f"{WIDTH * step / STEPS:g} {HEIGHT * (1 - share):.1f}")
    return " ".join(f"L{point}" for point in points)
