"""The colours of the style sheet, and whether text in them can be read (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

TOKEN = re.compile(r"--([a-z-]+):\s*(#[0-9a-f]{3,6})\b")
DARK = "@media (prefers-color-scheme: dark)"
TEXT, SHAPE = 4.5, 3.0
"""The least contrast of text, and of what only has to be made out: a border, a ring of focus."""

PAIRS: Final = (
    ("ink", "paper", TEXT),
    ("ink", "card", TEXT),
    ("ink", "tint", TEXT),
    ("soft", "paper", TEXT),
    ("soft", "card", TEXT),
    ("accent", "paper", TEXT),
    ("accent", "card", TEXT),
    ("accent", "tint", TEXT),
    ("accent-deep", "card", TEXT),
    ("accent-ink", "accent", TEXT),
    ("accent-ink", "accent-deep", TEXT),
    ("card", "accent", TEXT),
    ("good", "card", TEXT),
    ("good", "good-tint", TEXT),
    ("wait", "card", TEXT),
    ("wait", "wait-tint", TEXT),
    ("danger", "card", TEXT),
    ("danger", "paper", TEXT),
    ("danger", "danger-tint", TEXT),
    ("paper", "danger", TEXT),
    ("ink", "good-tint", TEXT),
    ("ink", "wait-tint", TEXT),
    ("ink", "danger-tint", TEXT),
    ("edge", "card", SHAPE),
    ("edge", "paper", SHAPE),
    ("focus", "focus-ink", SHAPE),
)
"""What stands on what, and the contrast that it needs."""

Palette = Mapping[str, str]
"""The name of a colour → "#rrggbb"."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """One pair of colours in one theme."""

    front: str
    back: str
    needed: float
    ratio: float


def palettes(sheet: str) -> tuple[Palette, Palette]:
    """The light and the dark colours that a style sheet declares; what the dark ones leave out is as in the light."""
    light, _, dark = sheet.partition(DARK)
    bright = _tokens(light)
    return bright, {**bright, **_tokens(dark.partition("\n}")[0])}


def contrasts(palette: Palette) -> list[Contrast]:
    """Every pair that occurs, with its ratio between 1 and 21."""
    return [
        Contrast(front, back, needed, ratio(palette[front], palette[back])) for front, back, needed in PAIRS
    ]


def ratio(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2.2 defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _tokens(text: str) -> dict[str, str]:
    return {name: _whole(value) for name, value in TOKEN.findall(text)}


def _whole(value: str) -> str:
    return value if len(value) == 7 else "#" + "".join(2 * digit for digit in value[1:])


def _luminance(colour: str) -> float:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
