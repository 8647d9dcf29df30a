"""The word by which somebody who is watched says, in a message that looks as if all were well, that it is not."""

from __future__ import annotations

from contextlib import suppress

from alerts.responses.meanings import phrases, understand
from alerts.responses.models import Meaning
from registry.crypto import Unreadable
from registry.people.models import Person
from registry.people.vault import Vault, cipher_of
from registry.spelling import words

LONGEST = 40
"""Characters."""


def fits(text: str) -> bool:
    """Whether a text can be such a word: it says nothing else to us, and has letters enough to be no slip."""
    plain = words(text)
    known = plain in phrases("safe") | phrases("one")
    harmless = understand(text) in (Meaning.OTHER, Meaning.SAFE)
    return harmless and not known and len("".join(plain)) >= 4 and len(text) <= LONGEST


def choose(vault: Vault, person: Person, text: str | None) -> None:
    """Set or forget a person's word."""
    person.sealed_duress = cipher_of(vault.keys, person).seal_text(text or None, _row(person))


def chosen(vault: Vault, person: Person) -> str | None:
    """A person's word."""
    return cipher_of(vault.keys, person).open_text(person.sealed_duress, _row(person))


def is_said(vault: Vault, person: Person, text: str) -> bool:
    """Whether a message consists of the person's word."""
    if person.sealed_duress is None:
        return False
    with suppress(Unreadable):
        word = chosen(vault, person)
        return word is not None and words(word) == words(text)
    return False


def _row(person: Person) -> bytes:
    return b"people.duress:" + person.public_id.bytes
