"""Passwords that everybody tries first, because they stood in what was stolen elsewhere.

`common.bloom` is a Bloom filter (Bloom, CACM 13(7), 1970): it knows every one of the 1.4 million it was made of, and
takes one in five hundred of all others for one of them, which costs whoever chose it another try. How it was made, and
of what, is in `making`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

FILTER = Path(__file__).with_name("common.bloom")
HASHES = 9
"""The best number for 13 bits an entry."""


def fold(password: str) -> str:
    """What two spellings have in common that differ in case, width or composition only."""
    return unicodedata.normalize("NFKC", password).casefold()


def positions(password: str, bits: int) -> Iterator[int]:
    """Where the filter has its bits for a password (double hashing: Kirsch and Mitzenmacher, 2006)."""
    digest = sha256(fold(password).encode("utf-8", "replace")).digest()
    start, step = int.from_bytes(digest[:8]), int.from_bytes(digest[8:16]) | 1
    return ((start + number * step) % bits for number in range(HASHES))


def is_common(password: str) -> bool:
    """Whether it is one of those, in any case. Read anew each time: a password is chosen once in a year or less."""
    known = FILTER.read_bytes()
    return all(known[bit >> 3] >> (bit & 7) & 1 for bit in positions(password, 8 * len(known)))
