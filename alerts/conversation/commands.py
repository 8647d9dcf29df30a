"""Which language somebody writes in, and which of our words they use: MOVE, LANG, INFO, yes, no, a number."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from alerts.conversation.texts import LANGUAGES, NAMES, keywords
from alerts.responses.meanings import phrases
from registry.places import language_name
from registry.spelling import words

COMMANDS: Final = ("move", "language", "info", "join")
LONGEST: Final = 3
"""Words of the longest keyword."""
SCRIPTS: Final = {"BENGALI": "bn", "DEVANAGARI": "ne", "ETHIOPIC": "am", "CYRILLIC": "uk", "ARABIC": "ar"}
URDU: Final = frozenset("ٹڈڑںےہگچپکی")
"""Letters that Urdu has and Arabic has not."""
REFERENCE: Final = re.compile(r"\b([2-9A-HJKMNP-Z]{4})\s?-\s?([2-9A-HJKMNP-Z]{4})\b")


@dataclass(frozen=True, slots=True)
class Command:
    """A keyword at the head of a message, and what follows it."""

    name: str
    rest: str
    language: str
    """Of the keyword; "" where several languages have it."""


def command_in(text: str) -> Command | None:
    """The command with which a message begins, or None. A greeting is one only when it stands alone."""
    given = words(text)
    for length in range(min(LONGEST, len(given)), 0, -1):
        for name in COMMANDS:
            language = keywords(name).get(given[:length])
            if language is not None and (name != "join" or length == len(given)):
                return Command(name, " ".join(given[length:]), language)
    return None


def is_yes(given: tuple[str, ...]) -> bool | None:
    """What an answer to a yes-or-no question says; None where it is neither."""
    first = given[:1] if len(given) <= LONGEST else ()
    if first == ("1",) or {given, first} & keywords("yes").keys() or given in phrases("one"):
        return True
    if first == ("2",) or {given, first} & keywords("no").keys() or given in phrases("two"):
        return False
    return None


def number_in(given: tuple[str, ...]) -> int | None:
    """The number that an answer consists of or begins with."""
    if given and given[0].isdecimal() and len(given[0]) <= 3:
        return int(given[0])
    return next((number for number, name in ((1, "one"), (2, "two")) if given in phrases(name)), None)


def reference_in(text: str) -> str | None:
    """A person's reference, such as K7M2-Q9TX, in a message."""
    found = REFERENCE.search(text.upper())
    return f"{found[1]}-{found[2]}" if found else None


def named_language(text: str) -> str | None:
    """The language that somebody chooses, by its number in our list or its name in itself or in English."""
    given = words(text)
    number = number_in(given)
    if number is not None:
        return NAMES[number - 1][0] if 1 <= number <= len(NAMES) else None
    for tag in LANGUAGES:
        own = (tag, language_name(tag), language_name(tag, "en"), dict(NAMES)[tag])
        if given in {words(name) for name in own}:
            return tag
    return None


def language_of(text: str) -> str | None:
    """The language that a message is surely in: by its script, or by words that only one of our languages has."""
    if any(char in URDU for char in text):
        return "ur"
    for char in text:
        script = unicodedata.name(char, "").partition(" ")[0]
        if char.isalpha() and script in SCRIPTS:
            return SCRIPTS[script]
    given = words(text)
    # "hello" is written by people of every language
    found = {keywords(name).get(given) for name in (*COMMANDS, "yes", "no")} - {None, "", "en"}
    return found.pop() if len(found) == 1 else None
