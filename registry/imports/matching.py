"""Who of a chunk of rows is in the registry already."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.imports.mapping import Reading
from registry.imports.models import RowOutcome
from registry.people.models import ContactPoint, ContactState, Person, PersonKey, Stay


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that was read. `indexes` are the blind indexes of its contacts, in their order; `before` is the outcome
    it had so far."""

    number: int
    reading: Reading
    indexes: tuple[bytes, ...]
    before: RowOutcome


@dataclass(frozen=True, slots=True)
class KnownStay:
    """A stay in the registry."""

    id: int
    country: str
    subdivision: str | None
    sealed_place: bytes | None
    starts: date | None
    ends: date | None


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person in the registry, as far as an import may change them."""

    id: int
    public_id: uuid.UUID
    language: str
    nationality: str | None
    kind: str | None
    household_size: int | None
    quiet: bool
    sealed_name: bytes | None
    wrapped_key: bytes
    contacts: dict[bytes, tuple[int, ContactState]] = field(default_factory=dict)
    """Number and state by blind index."""
    stays: list[KnownStay] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Known:
    """The people whom a chunk's contacts belong to."""

    people: dict[int, KnownPerson]
    owners: dict[bytes, int]
    """The person's number by blind index."""

    def of(self, candidate: Candidate) -> list[KnownPerson]:
        """Whose contacts a row names; more than one means that it can't be right."""
        ids = dict.fromkeys(self.owners[index] for index in candidate.indexes if index in self.owners)
        return [self.people[number] for number in ids]


def find_known(
    session: Session, organisation_id: int, candidates: Iterable[Candidate], *, lock: bool = False
) -> Known:
    """Look the chunk up in four statements. `lock` keeps those people from being changed meanwhile."""
    indexes = [index for candidate in candidates for index in candidate.indexes]
    found = session.execute(
        select(ContactPoint.address_index, ContactPoint.person_id).where(
            ContactPoint.organisation_id == organisation_id, ContactPoint.address_index.in_(indexes)
        )
    )
    owners = {row.address_index: row.person_id for row in found} if indexes else {}
    people = _people(session, sorted(set(owners.values())), lock=lock)
    return Known(people, {index: person for index, person in owners.items() if person in people})


def _people(session: Session, ids: list[int], *, lock: bool) -> dict[int, KnownPerson]:
    if not ids:
        return {}
    query = (
        select(
            Person.id,
            Person.public_id,
            Person.language,
            Person.nationality,
            Person.kind,
            Person.household_size,
            Person.quiet,
            Person.sealed_name,
            PersonKey.wrapped_key,
        )
        .join(PersonKey, PersonKey.person_id == Person.id)
        .where(Person.id.in_(ids))
        .order_by(Person.id)
    )
    if lock:
        query = query.with_for_update(of=Person, key_share=True)
    people = {row.id: KnownPerson(*row) for row in session.execute(query)}
    contacts = select(ContactPoint.person_id, ContactPoint.address_index, ContactPoint.id, ContactPoint.state)
    for person, index, number, state in session.execute(contacts.where(ContactPoint.person_id.in_(ids))):
        people[person].contacts[index] = (number, state)
    stays = select(
        Stay.person_id, Stay.id, Stay.country, Stay.subdivision, Stay.sealed_place, Stay.starts, Stay.ends
    )
    for row in session.execute(stays.where(Stay.person_id.in_(ids)).order_by(Stay.id)):
        people[row.person_id].stays.append(KnownStay(*row[1:]))
    return people
