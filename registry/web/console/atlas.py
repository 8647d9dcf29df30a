"""Countries on a map of the world: which part of it to show, and how dark each country is.

The shapes are in `static/world.svg`, from Natural Earth (public domain), in the Equal Earth projection; `atlas.json`
has the frame of each country's largest piece of land, in the same units.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("atlas.json")
WIDTH = 1000.0
NARROWEST = 160.0
"""Of what is shown: nearer, the coasts would be mere polygons."""
WHOLE = 700.0
"""What would be wider than this is shown as the whole world."""
MARGIN = 1.25
SMALL = 0.012
"""A country whose longer side is a smaller share of the picture's width gets a dot."""
STEPS = (1, 10, 100, 1000, 10_000)
"""People from which a country is a step darker."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A country on the map."""

    code: str
    number: int
    step: int
    """From 1 to 5."""
    shape: bool
    """There is a shape of it."""
    dot: tuple[float, float, float] | None
    """Centre and radius, of one too small to be seen."""


@dataclass(frozen=True, slots=True)
class Atlas:
    """A map; `view` is an SVG viewBox."""

    view: str
    spots: list[Spot]
    steps: list[tuple[int, int]]
    """(step, least number of people), of those in use."""


def atlas(numbers: Mapping[str, int]) -> Atlas | None:
    """The map of countries (ISO 3166-1 alpha-2) with so many people each; None when none of them is on it."""
    boxes: dict[str, list[float]] = _file()["boxes"]
    placed = {code: number for code, number in numbers.items() if number > 0 and code in boxes}
    if not placed:
        return None
    left, top, width, height = _view([boxes[code] for code in placed])
    shapes = _file()["shapes"]
    spots = []
    for code, number in sorted(placed.items()):
        x, y, right, bottom = boxes[code]
        small = max(right - x, bottom - y) < SMALL * width
        dot = ((x + right) / 2, (y + bottom) / 2, SMALL * width / 2) if small else None
        spots.append(Spot(code, number, step_of(number), code in shapes, dot))
    used = {spot.step for spot in spots}
    steps = [(step, least) for step, least in enumerate(STEPS, 1) if step in used]
    return Atlas(f"{left:.0f} {top:.0f} {width:.0f} {height:.0f}", spots, steps)


def step_of(number: int) -> int:
    """How dark a country with so many people is."""
    return max(sum(number >= least for least in STEPS), 1)


def _view(boxes: list[list[float]]) -> tuple[float, float, float, float]:
    """A frame in the world's proportions around all of them."""
    tall = float(_file()["height"])
    left, top = (min(box[side] for box in boxes) for side in (0, 1))
    right, bottom = (max(box[side] for box in boxes) for side in (2, 3))
    width = max((right - left) * MARGIN, (bottom - top) * MARGIN * WIDTH / tall, NARROWEST)
    if width > WHOLE:
        return 0.0, 0.0, WIDTH, tall
    height = width * tall / WIDTH
    x, y = (left + right - width) / 2, (top + bottom - height) / 2
    return min(max(x, 0.0), WIDTH - width), min(max(y, 0.0), tall - height), width, height


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return found
