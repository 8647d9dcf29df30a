"""From a name as people write it to ISO 3166: sure where it is spelt as we know it, else a few to choose from."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from registry.gazetteer.names import AMBIGUOUS, GENERIC, area_names, country_names
from registry.places import country_codes, subdivisions
from registry.spelling import skeleton, words

MOST = 3
"""To choose from."""
LONGEST = 12
"""Words of a text in which a name is looked for."""
SHORT = 3
"""Letters up to which a word within a text is no name, and a slip not looked for."""
LEAST = 2
"""Consonants that a sound must have to be compared."""
ALIKE = 0.78
"""Of the letters of two names, from which on one may be a slip for the other."""

Names = Mapping[tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class Found:
    """Codes, the likeliest first. One that is `sure` needs no question."""

    codes: tuple[str, ...]
    sure: bool = False


NOTHING = Found(())


def find_country(text: str) -> Found:
    """The country (ISO 3166-1 alpha-2) that a text names, in a language that Rollcall speaks or nearly so.

    A code of two letters must be in capitals: "no" and "in" are words first.
    """
    bare = text.strip().strip(".!?")
    if bare.isascii() and bare.isupper() and bare in country_codes():
        return Found((bare,), sure=True)
    given = words(text)[:LONGEST]
    if given in AMBIGUOUS:
        return Found(AMBIGUOUS[given])
    return _find(given)


def find_area(text: str, country: str) -> Found:
    """The subdivision (ISO 3166-2) of a country that a text names: its own name, or that of a large town in it."""
    known = subdivisions(country)
    code = text.strip().upper()
    for form in (code, f"{country}-{code}"):
        if form in known:
            return Found((form,), sure=True)
    given = words(text)[:LONGEST]
    return _find(given, country)


def _find(given: tuple[str, ...], country: str | None = None) -> Found:
    """Among the areas of a country, else among all countries."""
    sure = _named(given, _names(country))
    if sure:
        return Found(sure[:MOST], sure=len(sure) == 1)
    told = tuple(word for word in given if word not in GENERIC) or given
    scores: dict[str, float] = {}
    for code, score in _near(told, country):
        scores[code] = max(score, scores.get(code, 0))
    return Found(tuple(sorted(scores, key=lambda code: -scores[code])[:MOST]))


def _named(given: tuple[str, ...], names: Names) -> tuple[str, ...]:
    """What the text names outright; by its longest names, lest "South Sudan" be Sudan too."""
    for length in range(len(given), 0, -1):
        parts = (given[start : start + length] for start in range(len(given) - length + 1))
        found = [
            names[part] for part in parts if part in names and (part == given or len("".join(part)) > SHORT)
        ]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def _near(told: tuple[str, ...], country: str | None) -> Iterator[tuple[str, float]]:
    """Codes with how near they are: by sound, by sound as far as it goes (of areas), by letters, by one word."""
    phrase, sounds = " ".join(told), _sounds(country)
    sound = skeleton(phrase)
    if len(sound) >= LEAST:
        yield from ((code, 2 + _alike(phrase, name)) for name, code in sounds.get(sound, ()))
        if country is not None:
            for other, some in sounds.items():
                if other.startswith(sound):
                    yield from ((code, 1 + _alike(phrase, name)) for name, code in some)
    if len(phrase) > SHORT:
        for name, code in _names(country).items():
            if name[0][0] == phrase[0] and (score := _alike(phrase, " ".join(name))) >= ALIKE:
                yield code, 1 + score
    for word in told if len(told) > 1 else ():
        if len(skeleton(word)) > LEAST:
            yield from ((code, 0.5) for _, code in sounds.get(skeleton(word), ()))


def _alike(one: str, other: str) -> float:
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() > ALIKE / 2 else 0.0


def _names(country: str | None) -> Names:
    return country_names() if country is None else area_names(country)


@cache
def _sounds(country: str | None) -> Mapping[str, list[tuple[str, str]]]:
    """By sound, the names and codes that have it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, code in _names(country).items():
        kept = " ".join(word for word in name if word not in GENERIC) or " ".join(name)
        found.setdefault(skeleton(kept), []).append((kept, code))
    return found
