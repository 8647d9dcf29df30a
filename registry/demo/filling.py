"""Writing invented people, encrypted like any others, many by one statement.

COPY is closed to tables with row-level security, so rows go in as arrays: INSERT … SELECT FROM unnest.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry.crypto import PersonCipher, new_key
from registry.database import uuid7
from registry.demo.addresses import email, fictional_phone, nobodys_phone
from registry.demo.inventing import Invented, Inventor
from registry.people.homes import home_of, homes
from registry.people.models import ChannelName, ContactPoint, ContactState, Person
from registry.people.sealing import new_reference
from registry.people.vault import Vault, address_row, name_row, place_row

CHUNK = 1000
PEOPLE = {
    "id": "bigint", "public_id": "uuid", "post_id": "bigint", "reference": "text", "language": "text",
    "nationality": "text", "kind": "text", "household_size": "smallint", "quiet": "boolean", "paused": "boolean",
    "source": "text", "sealed_name": "bytea",
}  # fmt: skip
KEYS = {"person_id": "bigint", "wrapped_key": "bytea"}
CONTACTS = {
    "person_id": "bigint", "channel": "text", "sealed_address": "bytea", "address_index": "bytea", "state": "text",
    "verified_at": "timestamptz",
}  # fmt: skip
STAYS = {
    "person_id": "bigint", "country": "text", "subdivision": "text", "sealed_place": "bytea", "starts": "date",
    "ends": "date",
}  # fmt: skip


def fill(
    session: Session,
    vault: Vault,
    count: int,
    *,
    seed: int | None = None,
    countries: Sequence[str] | None = None,
) -> Iterator[int]:
    """Add `count` invented people to the vault's organisation, to which the session is scoped.

    Yields how many were added, chunk by chunk: nothing happens until it is read. The same seed invents the same
    people, but with numbers and keys of their own, so that it can be run again. Raises ValueError for a country
    that isn't one.
    """
    inventor = Inventor(seed, countries, date.today())  # noqa: DTZ011 - the day here, roughly
    while count > 0:
        size = min(CHUNK, count)
        _Chunk(session, vault, inventor, size).write()
        session.expire_all()
        count -= size
        yield size


class _Chunk:
    """The rows of one chunk, gathered by table."""

    def __init__(self, session: Session, vault: Vault, inventor: Inventor, size: int) -> None:
        self.session = session
        self.vault = vault
        self.now = datetime.now(UTC)
        ids = session.scalars(
            text("SELECT nextval(pg_get_serial_sequence('people', 'id')) FROM generate_series(1, :size)"),
            {"size": size},
        ).all()
        self.invented = [(number, inventor.invent()) for number in ids]
        self.phones = self._phones(inventor, list(ids))
        self.emails = {number: email(inventor.rng, number) for number in ids}
        self.references = self._references(size)
        self.posts = homes(session, vault.keys, vault.organisation.id)
        self.people: list[tuple[Any, ...]] = []
        self.keys: list[tuple[Any, ...]] = []
        self.contacts: list[tuple[Any, ...]] = []
        self.stays: list[tuple[Any, ...]] = []

    def write(self) -> None:
        """Seal and insert everyone. Contact points come before stays, so that `reach` is filled once."""
        for (number, someone), reference in zip(self.invented, self.references, strict=True):
            self._gather(number, someone, reference)
        self._insert("people", PEOPLE, self.people)
        self._insert("person_keys", KEYS, self.keys)
        self._insert("contact_points", CONTACTS, self.contacts)
        self._insert("stays", STAYS, self.stays)

    def _gather(self, number: int, someone: Invented, reference: str) -> None:
        public_id, key = uuid7(), new_key()
        cipher = PersonCipher(key)
        name = cipher.seal_text(someone.name, name_row(public_id.bytes))
        post_id = home_of(self.posts, (stay.country for stay in someone.stays))
        self.people.append(
            (
                number, public_id, post_id, reference, someone.language, someone.nationality, someone.kind,
                someone.household_size, someone.quiet, someone.paused, someone.source.value, name,
            )
        )  # fmt: skip
        self.keys.append((number, self.vault.keys.wrap_person_key(key, public_id.bytes, post_id)))
        self._gather_contacts(number, someone, public_id, cipher)
        for stay in someone.stays:
            place = cipher.seal_text(stay.place, place_row(public_id.bytes))
            self.stays.append((number, stay.country, stay.subdivision, place, stay.starts, stay.ends))

    def _gather_contacts(
        self, number: int, someone: Invented, public_id: uuid.UUID, cipher: PersonCipher
    ) -> None:
        verified = None if someone.state is ContactState.UNCONFIRMED else self.now
        for channel, has, addresses in (
            (ChannelName.SMS, someone.has_phone, self.phones),
            (ChannelName.EMAIL, someone.has_email, self.emails),
        ):
            if has:
                index = self.vault.keys.blind_index(addresses[number])
                sealed = cipher.seal(addresses[number].encode(), address_row(public_id.bytes, index))
                self.contacts.append((number, channel.value, sealed, index, someone.state.value, verified))

    def _phones(self, inventor: Inventor, ids: list[int]) -> dict[int, str]:
        """Everyone's phone: one kept for fiction where it is still free here, else one of the person's own."""
        wanted = {number: fictional_phone(inventor.rng) for number in ids}
        indexes = {phone: self.vault.keys.blind_index(phone) for phone in wanted.values() if phone}
        taken = set(
            self.session.scalars(
                select(ContactPoint.address_index).where(
                    ContactPoint.organisation_id == self.vault.organisation.id,
                    ContactPoint.address_index.in_(list(indexes.values())),
                )
            )
        )
        phones = {}
        for number, phone in wanted.items():
            if phone and indexes[phone] not in taken:
                taken.add(indexes[phone])
                phones[number] = phone
            else:
                phones[number] = nobodys_phone(number)
        return phones

    def _references(self, size: int) -> list[str]:
        """References that nobody here has."""
        free: set[str] = set()
        while len(free) < size:
            drawn = {new_reference() for _ in range(size - len(free))}
            free |= drawn.difference(
                self.session.scalars(
                    select(Person.reference).where(
                        Person.organisation_id == self.vault.organisation.id,
                        Person.reference.in_(list(drawn)),
                    )
                )
            )
        return list(free)

    def _insert(self, table: str, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
        names = ", ".join(columns)
        arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns.items())
        statement = (
            f"INSERT INTO {table} (organisation_id, {names}) "
            f"SELECT :organisation, v.* FROM unnest({arrays}) AS v"
        )
        values = {name: list(column) for name, column in zip(columns, zip(*rows, strict=True), strict=True)}
        self.session.execute(text(statement), values | {"organisation": self.vault.organisation.id})
