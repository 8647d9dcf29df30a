"""How many parts an SMS text takes, by GSM 03.38 (3GPP TS 23.038), and which characters make it dear."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from alerts.text.alphabet import BASIC, EXTENSION
from alerts.text.plain import replacement

Encoding = Literal["gsm-7", "ucs-2"]

_ALONE: dict[Encoding, int] = {"gsm-7": 160, "ucs-2": 70}
_IN_PARTS: dict[Encoding, int] = {"gsm-7": 153, "ucs-2": 67}  # six octets of each part say which part it is


@dataclass(frozen=True, slots=True)
class Culprit:
    """A character outside GSM-7: one is enough to leave less than half the room in each part."""

    char: str
    name: str  # its Unicode name, lower case
    position: int  # of its first occurrence, in characters from 0
    replacement: str | None  # what to write instead; None where nothing in GSM-7 says the same


@dataclass(frozen=True, slots=True)
class Measure:
    """What a text costs to send."""

    encoding: Encoding
    units: int  # septets (gsm-7) or 16-bit units (ucs-2) of the text itself
    segments: int  # parts billed; 0 for an empty text
    culprits: tuple[Culprit, ...]  # each character once, in the order they appear; empty for gsm-7


def measure(text: str) -> Measure:
    """Count as a phone network does: parts are filled one by one, and no character is split over two."""
    culprits = _culprits(text)
    encoding: Encoding = "ucs-2" if culprits else "gsm-7"
    widths = _wide(text) if culprits else _septets(text)
    units = sum(widths)
    segments = min(units, 1) if units <= _ALONE[encoding] else _fill(widths, _IN_PARTS[encoding])
    return Measure(encoding, units, segments, culprits)


def length(text: str) -> int:
    """In UTF-16 units, as providers count: a character beyond the BMP is two."""
    return sum(_wide(text))


def _septets(text: str) -> list[int]:
    return [2 if char in EXTENSION else 1 for char in text]


def _wide(text: str) -> list[int]:
    return [2 if char > "\uffff" else 1 for char in text]  # beyond the BMP: a surrogate pair


def _fill(widths: Iterable[int], room: int) -> int:
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts


def _culprits(text: str) -> tuple[Culprit, ...]:
    outside = dict.fromkeys(char for char in text if char not in BASIC and char not in EXTENSION)
    return tuple(_culprit(char, text.index(char)) for char in outside)


def _culprit(char: str, position: int) -> Culprit:
    found = replacement(char)
    return Culprit(char, found.name, position, found.instead)
