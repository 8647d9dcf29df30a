"""Adding a person: one statement for all their rows. Every function expects a session scoped to the organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from registry.database import Timestamped
from registry.errors import Conflict, FieldError
from registry.people.homes import homes
from registry.people.intake import Intake
from registry.people.models import ContactPoint, ContactState, Person, PersonKey, Source, Stay
from registry.people.sealing import Newcomer
from registry.people.vault import Vault

_OF_PERSON = (
    "public_id", "organisation_id", "post_id", "reference", "language", "nationality", "kind", "household_size",
    "quiet", "sealed_name",
)  # fmt: skip
_INSERT = text("""
    WITH person AS (
        INSERT INTO people (public_id, organisation_id, post_id, reference, language, nationality, kind,
                            household_size, quiet, paused, source, sealed_name)
        VALUES (:public_id, :organisation_id, :post_id, :reference, :language, :nationality, :kind,
                :household_size, :quiet, false, :source, :sealed_name)
        RETURNING id, created_at
    ), key AS (
        INSERT INTO person_keys (person_id, organisation_id, wrapped_key)
        SELECT id, :organisation_id, :wrapped_key FROM person
    ), contacts AS (
        INSERT INTO contact_points (organisation_id, person_id, channel, sealed_address, address_index, state)
        SELECT :organisation_id, person.id, v.channel, v.sealed, v.index, :state
        FROM person, unnest(CAST(:channels AS text[]), CAST(:addresses AS bytea[]), CAST(:indexes AS bytea[]))
             WITH ORDINALITY AS v (channel, sealed, index, place)
        ORDER BY v.place
        ON CONFLICT DO NOTHING
        RETURNING id, address_index
    ), stays AS (
        INSERT INTO stays (organisation_id, person_id, country, subdivision, sealed_place, starts, ends)
        SELECT :organisation_id, person.id, v.country, v.subdivision, v.sealed, v.starts, v.ends
        FROM person, unnest(CAST(:countries AS text[]), CAST(:subdivisions AS text[]), CAST(:places AS bytea[]),
                            CAST(:starts AS date[]), CAST(:ends AS date[]))
             WITH ORDINALITY AS v (country, subdivision, sealed, starts, ends, place)
        ORDER BY v.place
        RETURNING id
    )
    SELECT person.id, person.created_at AS at, ARRAY(SELECT id FROM stays ORDER BY id) AS stays,
           ARRAY(SELECT id FROM contacts ORDER BY id) AS contacts,
           ARRAY(SELECT address_index FROM contacts ORDER BY id) AS indexes
    FROM person
""")


class KnownContact(Conflict):
    """A contact point is somebody's already in this organisation."""

    def __init__(self, positions: list[int]) -> None:
        super().__init__("known_contact", "a contact point is registered already")
        self.positions = positions
        self.errors = [
            FieldError(f"contacts.{position}.address", "known", "is registered already")
            for position in positions
        ]


def register(
    session: Session, vault: Vault, intake: Intake, source: Source, *, confirmed: bool = True
) -> Person:
    """Add a person. Raises KnownContact when a contact point is known here: then the transaction must be given up.

    `confirmed=False` leaves the contact points waiting for a code, unreached until it comes.
    """
    session.flush()
    posts = homes(session, vault.keys, vault.organisation.id)
    state = ContactState.ACTIVE if confirmed else ContactState.UNCONFIRMED
    rows = _rows(vault, Newcomer(vault, intake, posts), source, state)
    made = session.execute(_INSERT, _values(rows)).one()
    if len(made.contacts) < len(rows.contacts):
        taken = [row.address_index not in made.indexes for row in rows.contacts]
        raise KnownContact([position for position, known in enumerate(taken) if known])
    _number(rows, made)
    return _loaded(session, rows)


@dataclass(frozen=True, slots=True)
class _Rows:
    person: Person
    key: PersonKey
    contacts: list[ContactPoint]
    stays: list[Stay]


def _rows(vault: Vault, new: Newcomer, source: Source, state: ContactState) -> _Rows:
    """A person's rows but for their numbers."""
    ours = {"organisation_id": vault.organisation.id}
    return _Rows(
        Person(**ours, **new.person, paused=False, source=source),
        PersonKey(**ours, wrapped_key=new.wrapped_key),
        [ContactPoint(**ours, **row, state=state, verified_at=None) for row in new.contacts],
        [Stay(**ours, **row) for row in new.stays],
    )


def _values(rows: _Rows) -> dict[str, Any]:
    contacts, stays = rows.contacts, rows.stays
    return {name: getattr(rows.person, name) for name in _OF_PERSON} | {
        "source": rows.person.source.value,
        "wrapped_key": rows.key.wrapped_key,
        "channels": [row.channel.value for row in contacts],
        "addresses": [row.sealed_address for row in contacts],
        "indexes": [row.address_index for row in contacts],
        "state": contacts[0].state.value,
        "countries": [row.country for row in stays],
        "subdivisions": [row.subdivision for row in stays],
        "places": [row.sealed_place for row in stays],
        "starts": [row.starts for row in stays],
        "ends": [row.ends for row in stays],
    }


def _number(rows: _Rows, made: Row[Any]) -> None:
    """Fill in what the database gave."""
    rows.person.id = rows.key.person_id = made.id
    rows.person.last_seen_at = made.at
    for contact, number in zip(rows.contacts, made.contacts, strict=True):
        contact.id, contact.person_id = number, made.id
    for stay, number in zip(rows.stays, made.stays, strict=True):
        stay.id, stay.person_id = number, made.id
    dated: tuple[Timestamped, ...] = (rows.person, *rows.contacts, *rows.stays)
    for row in dated:
        row.created_at = row.updated_at = made.at


def _loaded(session: Session, rows: _Rows) -> Person:
    """As if they had been read from the database."""
    person = rows.person
    for row in (person, rows.key, *rows.contacts, *rows.stays):
        make_transient_to_detached(row)
        session.add(row)
    set_committed_value(person, "key", rows.key)
    set_committed_value(person, "contacts", rows.contacts)
    set_committed_value(person, "stays", rows.stays)
    for owned in (*rows.contacts, *rows.stays):
        set_committed_value(owned, "person", person)
    return person
