"""What a reply means. In doubt it is a call for help: an officer who calls in vain loses a minute.

The words stand in `words.json`: for each sense a list by language, read through `registry.spelling.words`, so that
case, accents and variants of Arabic letters don't matter there. A language that is missing costs little: digits always
work.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Final

from alerts.responses.models import Meaning
from registry.spelling import words

PROVIDER_STOP: Final = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
)
"""Alone in a message, Twilio acts on these and answers them itself; our own answer would be refused."""
PROVIDER_START: Final = frozenset({"start", "yes", "unstop"})
CLAUSE: Final = re.compile(r"([^.,;:!?\n،؛؟…¡¿()/|]+)([?؟]?)")
CODE: Final = re.compile(r"[0-9]{4}")
NEGATES: Final = 3
"""For how many words a "not" takes back a call for help; it takes back safety to the end of its clause."""
SHORT: Final = 4
"""A "1" at the head of more words than this is more likely a number of people."""
LONGEST: Final = 4
"""Words in the longest phrase of the list."""

Phrase = tuple[str, ...]


def understand(text: str) -> Meaning:
    """The meaning of a whole message in any of our languages. Never raises, whatever the text holds."""
    clauses = [(words(part), bool(mark)) for part, mark in CLAUSE.findall(text)]
    flat = tuple(word for clause, _ in clauses for word in clause)
    if _only(flat, phrases("stop") | {(word,) for word in PROVIDER_STOP}):
        return Meaning.STOP
    if _only(flat, phrases("start") | {(word,) for word in PROVIDER_START}):
        return Meaning.START
    if _only(tuple(word for word in flat if not CODE.fullmatch(word)), phrases("erase")):
        return Meaning.ERASE
    stated = {meaning for clause, asked in clauses for meaning in _statements(clause, asked)} | _digit(flat)
    for meaning in (Meaning.HELP, Meaning.SAFE):
        if meaning in stated:
            return meaning
    return Meaning.OTHER


def code_in(text: str) -> str | None:
    """The code of four digits in a message, in ASCII; None when there is none or there are several."""
    codes = [word for word in words(text) if CODE.fullmatch(word)]
    return codes[0] if len(codes) == 1 else None


def answered_by_provider(text: str) -> bool:
    """Whether the message is a single word that Twilio's own opt-out handling answers."""
    return text.strip().lower() in PROVIDER_STOP | PROVIDER_START


def _digit(message: Phrase) -> set[Meaning]:
    """A leading 1 or 2: as a digit, or spelt out and alone."""
    first = message[:1]
    alone = len(message) == 1
    if first == ("2",) or (alone and first in phrases("two")):
        return {Meaning.HELP}
    if (first == ("1",) and len(message) <= SHORT) or (alone and first in phrases("one")):
        return {Meaning.HELP if "2" in message else Meaning.SAFE}
    return set()


def _statements(clause: Phrase, asked: bool) -> set[Meaning]:
    """What one clause states: "not safe" is a call for help, "no help needed" is safety, "is it safe?" is neither."""
    found: set[Meaning] = set()
    asked = asked or clause[:1] in phrases("asking")
    place, negated_at = 0, len(clause)
    while place < len(clause):
        meaning, length = _longest(clause, place)
        if meaning is Meaning.HELP:
            found.add(Meaning.SAFE if 0 < place - negated_at <= NEGATES else Meaning.HELP)
        elif meaning is Meaning.SAFE and not asked:
            found.add(Meaning.HELP if place > negated_at else Meaning.SAFE)
        elif clause[place : place + 1] in phrases("not"):
            negated_at = place
        place += length
    return found


def _longest(clause: Phrase, place: int) -> tuple[Meaning | None, int]:
    for length in range(min(LONGEST, len(clause) - place), 0, -1):
        for meaning in (Meaning.HELP, Meaning.SAFE):
            if clause[place : place + length] in phrases(meaning.value):
                return meaning, length
    return None, 1


def _only(message: Phrase, wanted: frozenset[Phrase]) -> bool:
    """Whether the message is one of the wanted phrases, with nothing but filler around it."""
    for length in range(min(LONGEST, len(message)), 0, -1):
        for place in range(len(message) - length + 1):
            rest = message[:place] + message[place + length :]
            if message[place : place + length] in wanted and all(
                (word,) in phrases("filler") for word in rest
            ):
                return True
    return False


@cache
def phrases(sense: str) -> frozenset[Phrase]:
    """The phrases of one sense in all languages together: people answer in whatever language comes first."""
    return frozenset(words(phrase) for some in _words()[sense].values() for phrase in some)


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    loaded: dict[str, dict[str, list[str]]] = json.loads(
        Path(__file__).with_name("words.json").read_text("utf-8")
    )
    return loaded
