"""The conversation's own texts and keywords: one JSON file for each language, so that speakers can review and mend it.

Each prompt takes one SMS segment, whatever stands in it: 160 septets where the language can be written in GSM-7, else
70 UTF-16 units. A value that is too long is cut.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from alerts.text import measure
from alerts.text.alphabet import BASIC, EXTENSION
from alerts.text.plain import replacement
from registry.spelling import words

FOLDER: Final = Path(__file__).with_name("texts")
LANGUAGES: Final = tuple(sorted(path.stem for path in FOLDER.glob("*.json")))
"""In which the whole conversation can be held."""
NAMES: Final = (
    ("en", "English"), ("fr", "Français"), ("es", "Español"), ("pt", "Português"), ("ar", "العربية"),
    ("fil", "Filipino"), ("bn", "বাংলা"), ("ne", "नेपाली"), ("am", "አማርኛ"), ("ur", "اردو"),
    ("id", "Bahasa Indonesia"), ("uk", "Українська"),
)  # fmt: skip
CHOICE: Final = (
    "1 English 2 Francais 3 Espanol 4 Portugues 5 Arabi 6 Filipino 7 Bangla 8 Nepali 9 Amarigna 10 Urdu "
    "11 Indonesia 12 Ukrainska"
)
"""Languages in the order of `NAMES`, in letters that every phone shows."""
ECHO: Final = 4
"""Words at the head of a message by which it is known for one of ours."""
SHORTEST: Final = 4
"""Characters that a value keeps when it is cut."""


@dataclass(frozen=True, slots=True)
class Book:
    """One language's file."""

    texts: Mapping[str, str]
    needs: Mapping[str, str]
    keywords: Mapping[str, Sequence[str]]
    reviewed_by_a_speaker: bool


def spoken(language: str) -> str:
    """The language of the conversation for a person's BCP 47 tag; English where theirs has no file."""
    base = language.partition("-")[0]
    return base if base in LANGUAGES else "en"


@cache
def book(language: str) -> Book:
    """The file of a language, by its tag there."""
    return Book(**json.loads((FOLDER / f"{language}.json").read_text("utf-8")))


def say(language: str, key: str, **values: str) -> str:
    """A text with its values, in one segment."""
    return _fitted(book(spoken(language)).texts[key], values)


def need_label(language: str, code: str) -> str:
    """What a need is called."""
    return book(spoken(language)).needs[code]


def listed(
    language: str, head: str, choices: Sequence[tuple[str, str]], *, more: bool = True
) -> tuple[str, int]:
    """A question with as many choices (what to answer, what it means) as fit in one segment, and how many they are.

    With `more`, the last line says how to see the rest.
    """
    texts = book(spoken(language)).texts
    for shown in range(len(choices), 0, -1):
        tail = [f"0 {texts['more']}"] if more and shown < len(choices) else []
        lines = [f"{texts[head]}:", *(f"{number} {name}" for number, name in choices[:shown]), *tail]
        text = _written("\n".join(lines), _gsm_only(texts[head]))
        if measure(text).segments == 1:
            return text, shown
    number, name = choices[0]
    tail = [f"0 {texts['more']}"] if more and len(choices) > 1 else []
    form = "\n".join([f"{texts[head]}:", f"{number} {{name}}", *tail])
    return _fitted(form, {"name": name}), 1


@cache
def keywords(sense: str) -> Mapping[tuple[str, ...], str]:
    """Phrases of one sense in all languages, in plain words, each with its language; "" where several have it."""
    found: dict[tuple[str, ...], str] = {}
    for tag in LANGUAGES:
        for phrase in book(tag).keywords.get(sense, ()):
            plain = words(phrase)
            found[plain] = tag if found.get(plain, tag) == tag else ""
    return found


def is_echo(text: str) -> bool:
    """Whether a message is one of our own, sent back by a machine."""
    given = words(text)
    return len(given) >= ECHO and given[:ECHO] in _own_beginnings()


@cache
def _own_beginnings() -> frozenset[tuple[str, ...]]:
    texts = (words(text.partition("{")[0]) for tag in LANGUAGES for text in book(tag).texts.values())
    return frozenset(text[:ECHO] for text in texts if len(text) >= ECHO)


def _fitted(form: str, values: Mapping[str, str]) -> str:
    gsm = _gsm_only(form)
    held = {name: _written(value, gsm) for name, value in values.items()}
    while True:
        text = form.format(**held)
        found = measure(text)
        longest = max(held, key=lambda name: len(held[name]), default=None)
        if found.segments <= 1 or longest is None or len(held[longest]) <= SHORTEST:
            return text
        over = found.units - (160 if found.encoding == "gsm-7" else 70)
        held[longest] = held[longest][: max(SHORTEST, len(held[longest]) - over)].rstrip()


def _gsm_only(form: str) -> bool:
    return all(char in BASIC or char in EXTENSION for char in form)


def _written(value: str, gsm: bool) -> str:
    """A value in letters that don't make a GSM-7 text dear; one of another script is left as it is."""
    plain = unicodedata.normalize("NFC", value)
    if not gsm:
        return plain
    kept = "".join(
        char if char in BASIC or char in EXTENSION else replacement(char).instead or "" for char in plain
    )
    return kept.strip() or plain
