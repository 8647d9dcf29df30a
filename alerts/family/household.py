"""One phone, several people: whoever has it answers for others too, as told by them.

A digit alone is for all of them; a digit and a name for that one only. They are kept by name and reference as the
person wrote them, and never looked up before something is said of them: the list tells nobody who is registered.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import NamedTuple

from alerts.conversation.commands import number_in
from alerts.conversation.speaking import tell_of
from alerts.conversation.talk import Answers, Talk
from alerts.responses.models import Meaning
from registry.crypto import Unreadable
from registry.people.models import Person
from registry.people.vault import Vault, cipher_of
from registry.spelling import words

MOST = 6
BY_DIGIT = {1: Meaning.SAFE, 2: Meaning.HELP}


class Member(NamedTuple):
    """Somebody for whom a person answers, by the name that they write."""

    name: str
    reference: str


def members_of(vault: Vault, person: Person) -> list[Member]:
    """The people for whom a person answers; nobody while that can't be read."""
    if person.sealed_household is not None:
        with suppress(Unreadable):
            text = cipher_of(vault.keys, person).open_text(person.sealed_household, _row(person))
            return [Member(*one) for one in json.loads(text or "[]")]
    return []


def set_members(vault: Vault, person: Person, members: list[Member]) -> None:
    """Take the place of those there were."""
    text = json.dumps(members, ensure_ascii=False) if members else None
    person.sealed_household = cipher_of(vault.keys, person).seal_text(text, _row(person))


def named_alone(talk: Talk) -> list[Member]:
    """Of whom alone a message such as "2 Amina" speaks; nobody where no digit stands before a name of the list."""
    if len(talk.given) < 2 or number_in(talk.given[:1]) not in BY_DIGIT:
        return []
    return [one for one in _members(talk) if words(one.name) == talk.given[1:]]


def answer_for(talk: Talk, named: list[Member]) -> Answers:
    """Note what was said of them alone. The answer is the same whether they are registered or not."""
    for one in named:
        tell_of(talk, one.reference, BY_DIGIT[number_in(talk.given[:1]) or 0])
    return [talk.say("told", reference=named[0].name)]


def answer_for_all(talk: Talk) -> Answers:
    """What a digit alone says of the others on this phone, once it was noted for the sender."""
    meaning, members = BY_DIGIT.get(number_in(talk.given) or 0), _members(talk)
    if meaning is None or len(talk.given) != 1 or not members:
        return []
    for one in members:
        tell_of(talk, one.reference, meaning)
    return [talk.say("household", names=", ".join(one.name for one in members))]


def _members(talk: Talk) -> list[Member]:
    """Of all the sender's records, each once."""
    return list(dict.fromkeys(member for one in talk.people for member in members_of(one.vault, one.person)))


def _row(person: Person) -> bytes:
    return b"people.household:" + person.public_id.bytes
