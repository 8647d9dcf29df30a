"""What a row would change about a person who is registered already.

Only what the file gives counts. Nothing a person chose to be safe is taken back by a list: an opted-out contact point
stays so, quiet mode is never turned off, and who opted out everywhere gets no new contact point.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.crypto import PersonCipher
from registry.imports.matching import Candidate, KnownPerson, KnownStay
from registry.people.intake import Intake, NewContact
from registry.people.models import ContactState
from registry.people.vault import Vault, name_row, place_row

PLAIN = ("language", "nationality", "kind", "household_size")
STAY_FIELDS = {"subdivision": "subdivision", "place": "place", "from": "starts", "until": "ends"}


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A stay as it is to be; `stay_id` is the one it replaces, if any."""

    stay_id: int | None
    country: str
    subdivision: str | None
    sealed_place: bytes | None
    starts: date | None
    ends: date | None


@dataclass(frozen=True, slots=True)
class Change:
    """What saving a row changes."""

    person: KnownPerson
    cipher: PersonCipher
    fields: dict[str, Any]
    """New values of columns of `people`."""
    stay: NewPlace | None
    contacts: tuple[tuple[bytes, NewContact], ...]
    """Contact points to add, with their blind indexes."""
    confirmed: tuple[int, ...]
    """Contact points that waited for a code and for which the officer's list now vouches."""

    def __bool__(self) -> bool:
        return bool(self.fields or self.stay or self.contacts or self.confirmed)


def compare(vault: Vault, candidate: Candidate, person: KnownPerson) -> Change:
    """The change that a valid row makes; false when there is none."""
    intake, given = candidate.reading.intake, candidate.reading.given
    assert intake is not None
    cipher = vault.keys.person(person.wrapped_key, person.public_id.bytes)
    contacts = dict(zip(candidate.indexes, intake.contacts, strict=True))
    listens = any(state is not ContactState.OPTED_OUT for _, state in person.contacts.values())
    return Change(
        person,
        cipher,
        _fields(cipher, person, intake, given),
        _stay(cipher, person, intake, given) if "stay" in given else None,
        tuple((index, new) for index, new in contacts.items() if listens and index not in person.contacts),
        tuple(
            number
            for index, (number, state) in person.contacts.items()
            if index in contacts and state is ContactState.UNCONFIRMED
        ),
    )


def _fields(
    cipher: PersonCipher, person: KnownPerson, intake: Intake, given: frozenset[str]
) -> dict[str, Any]:
    fields = {
        name: getattr(intake, name)
        for name in PLAIN
        if name in given and getattr(intake, name) != getattr(person, name)
    }
    if intake.quiet and not person.quiet:
        fields["quiet"] = True
    row = name_row(person.public_id.bytes)
    if "name" in given and intake.name != cipher.open_text(person.sealed_name, row):
        fields["sealed_name"] = cipher.seal_text(intake.name, row)
    return fields


def _stay(
    cipher: PersonCipher, person: KnownPerson, intake: Intake, given: frozenset[str]
) -> NewPlace | None:
    """None when one of the person's stays says it already.

    A stay in the same country is corrected. Who had one stay elsewhere has moved; who had several gets one more.
    """
    wanted, row = intake.stays[0], place_row(person.public_id.bytes)
    named = {ours: getattr(wanted, ours) for theirs, ours in STAY_FIELDS.items() if theirs in given}
    here = [stay for stay in person.stays if stay.country == wanted.country]
    opened = [_open(cipher, stay, row) for stay in here]
    if any(all(stay[name] == value for name, value in named.items()) for stay in opened):
        return None
    old = opened[0] if opened else {}
    if "subdivision" in named and named["subdivision"] != old.get("subdivision"):
        old = {**old, "place": None}
    new = {"subdivision": None, "place": None, "starts": None, "ends": None, **old, **named}
    if new["starts"] and new["ends"] and new["ends"] < new["starts"]:
        new["ends" if "starts" in named else "starts"] = None
    replaced = here[0].id if here else person.stays[0].id if len(person.stays) == 1 else None
    sealed = cipher.seal_text(new["place"], row)
    return NewPlace(replaced, wanted.country, new["subdivision"], sealed, new["starts"], new["ends"])


def _open(cipher: PersonCipher, stay: KnownStay, row: bytes) -> dict[str, Any]:
    place = cipher.open_text(stay.sealed_place, row)
    return {"subdivision": stay.subdivision, "place": place, "starts": stay.starts, "ends": stay.ends}
