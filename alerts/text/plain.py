"""Plainer characters: what to write instead of one that GSM-7 lacks."""

from __future__ import annotations

import unicodedata
from typing import Final, NamedTuple

from alerts.text.alphabet import BASIC, EXTENSION

_TYPOGRAPHY: Final[dict[str, str]] = {
    **dict.fromkeys("‘’‚‛′ʼ´`", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‹›", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t", " "),
    **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),  # soft hyphen and spaces of no width
    **dict.fromkeys("•·‣", "-"),
    "…": "...",
    "\u2028": "\n",
    "\u2029": "\n",
}
"""Same meaning, other shape: safe to replace unasked. Not here: marks and joiners that Arabic needs."""

_LETTERS: Final[dict[str, str]] = {
    "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ı": "i",
    "™": "TM", "©": "(c)", "®": "(R)", "×": "x", "°": " deg", "№": "No", "½": "1/2", "¼": "1/4", "→": "->",
}  # fmt: skip


class Plainer(NamedTuple):
    """A character's name and what GSM-7 has for it."""

    name: str
    instead: str | None


def replacement(char: str) -> Plainer:
    """What a writer may put in place of `char`; `instead` is None for scripts that GSM-7 can't write."""
    name = unicodedata.name(char, f"U+{ord(char):04X}").lower()
    for instead in (_TYPOGRAPHY.get(char), _LETTERS.get(char), _compatible(char), _bare(char)):
        if instead is not None and _writable(instead):
            return Plainer(name, instead)
    return Plainer(name, None)


def simplify(text: str) -> str:
    """Replace typographic quotes, dashes, spaces and the ellipsis by their typewriter forms; letters stay.

    Accents typed as marks of their own become one letter with its accent (NFC), line ends become \\n.
    """
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").translate(_TABLE)


def _compatible(char: str) -> str | None:
    plain = unicodedata.normalize("NFKC", char)
    return plain if plain != char and len(plain) <= 3 else None


def _bare(char: str) -> str | None:
    """The letter without its marks: ê → e. Of a Latin mark on its own nothing is left; others stay."""
    letters = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
    return letters if letters or "\u0300" <= char <= "\u036f" else None


def _writable(text: str) -> bool:
    return all(char in BASIC or char in EXTENSION for char in text)


_TABLE = str.maketrans(_TYPOGRAPHY)
