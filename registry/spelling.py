"""Words in plain form, to compare what people type: case, accents, scripts' variants and slips are levelled."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

CONTRACTION: Final = re.compile(r"['’`´](?=(t|m|s|d|re|ve|ll)\b)")
"""English writes "don't" as one word; the French "d'aide" is two."""
ARABIC: Final = str.maketrans(
    dict.fromkeys("أإآٱ", "ا") | dict.fromkeys("ىی", "ي") | dict.fromkeys("ةۃہھ", "ه") | {"ک": "ك", "ـ": None}
)  # fmt: skip
"""Arabic and Urdu keyboards have letters of their own for what is one to the reader."""
SOUNDS: Final = (
    ("shch", "s"), ("sch", "s"), ("tch", "c"), ("ch", "c"), ("sh", "s"), ("kh", "k"), ("gh", "g"), ("ph", "f"),
    ("th", "t"), ("dh", "d"), ("zh", "g"), ("ts", "s"), ("tz", "s"), ("ck", "k"), ("q", "k"), ("x", "ks"), ("z", "s"),
    ("v", "b"), ("p", "b"), ("j", "g"),
)  # fmt: skip
"""Ways to write one consonant, from script to script; `c` stands for the sound of "church"."""
QUALIFIED: Final = re.compile(
    r"^(SMALL |CAPITAL )?(LETTER|SYLLABLE) (FARSI |BYELORUSSIAN-|UKRAINIAN |SHORT |SOFT SIGN|HARD SIGN)*"
)
"""What Unicode's names say before the sound itself."""
NOT_CONSONANTS: Final = re.compile(r"[^a-z]|[aeiouhwy]")


def words(text: str) -> tuple[str, ...]:
    """The words of a text in plain form. Digits of any script become ASCII.

    A letter repeated three times or more stands once: "heeelp".
    """
    joined = CONTRACTION.sub("", text.casefold())
    plain = unicodedata.normalize("NFKD", joined).translate(ARABIC)
    kept = "".join(map(_levelled, plain))
    return tuple(re.sub(r"(.)\1{2,}", r"\1", kept).split())


@lru_cache(maxsize=4096)
def _levelled(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category.startswith("M"):
        # in Indian scripts vowels are marks, and tell "are" from "are not"
        return char if "VOWEL SIGN" in unicodedata.name(char, "") else ""
    if category == "Cf":
        return ""
    return char if category.startswith("L") else " "


@lru_cache(maxsize=8192)
def skeleton(text: str) -> str:
    """The consonants of a text as they sound, in Latin letters: "Bayrūt", "Beyrouth", "بيروت" and "Бейрут" are one."""
    latin = "".join(_consonants(char) for char in text.casefold())
    for spelling, sound in SOUNDS:
        latin = latin.replace(spelling, sound)
    bare = NOT_CONSONANTS.sub("", latin)
    return re.sub(r"(.)\1+", r"\1", bare)


@cache
def _consonants(char: str) -> str:
    """What a letter of any script says, by its name in Unicode; a vowel of Latin stays, to keep letters apart."""
    base = unicodedata.normalize("NFKD", char)[:1]
    if "a" <= base <= "z":
        return base
    script, _, name = unicodedata.name(base, "").partition(" ")
    letter = QUALIFIED.sub("", name).split(" ")[0].lower()
    if script == "LATIN":
        return letter if letter != "dotless" else "i"
    if script == "ARABIC":
        return re.split("[aeiou]", letter)[0]
    if script == "CYRILLIC" and letter == "ha":
        return "kh"
    return re.sub("[aeiou]", "", letter) if "LETTER" in name or "SYLLABLE" in name else ""
