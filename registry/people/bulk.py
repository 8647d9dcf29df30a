"""Registering many people at once: a statement for each table instead of one for each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.people.homes import homes
from registry.people.intake import Intake
from registry.people.models import Source
from registry.people.sealing import Newcomer
from registry.people.vault import Vault

PEOPLE = text(
    """
    INSERT INTO people (public_id, organisation_id, post_id, reference, language, nationality, kind, household_size,
                        quiet, paused, source, sealed_name)
    SELECT public_id, :organisation, post_id, reference, language, nationality, kind, household_size, quiet, false,
           :source, sealed_name
    FROM unnest(CAST(:public_id AS uuid[]), CAST(:post_id AS bigint[]), CAST(:reference AS text[]),
                CAST(:language AS text[]), CAST(:nationality AS text[]), CAST(:kind AS text[]),
                CAST(:household_size AS smallint[]), CAST(:quiet AS boolean[]), CAST(:sealed_name AS bytea[]))
      AS fresh (public_id, post_id, reference, language, nationality, kind, household_size, quiet, sealed_name)
    RETURNING public_id, id
    """
)
KEYS = text(
    """
    INSERT INTO person_keys (person_id, organisation_id, wrapped_key)
    SELECT person_id, :organisation, wrapped_key
    FROM unnest(CAST(:person_id AS bigint[]), CAST(:wrapped_key AS bytea[])) AS fresh (person_id, wrapped_key)
    """
)
STAYS = text(
    """
    INSERT INTO stays (organisation_id, person_id, country, subdivision, sealed_place, starts, ends)
    SELECT :organisation, person_id, country, subdivision, sealed_place, starts, ends
    FROM unnest(CAST(:person_id AS bigint[]), CAST(:country AS text[]), CAST(:subdivision AS text[]),
                CAST(:sealed_place AS bytea[]), CAST(:starts AS date[]), CAST(:ends AS date[]))
      AS fresh (person_id, country, subdivision, sealed_place, starts, ends)
    """
)
CONTACTS = text(
    """
    INSERT INTO contact_points (organisation_id, person_id, channel, sealed_address, address_index, state)
    SELECT :organisation, person_id, channel, sealed_address, address_index, 'active'
    FROM unnest(CAST(:person_id AS bigint[]), CAST(:channel AS text[]), CAST(:sealed_address AS bytea[]),
                CAST(:address_index AS bytea[])) AS fresh (person_id, channel, sealed_address, address_index)
    """
)


def register_many(session: Session, vault: Vault, intakes: Sequence[Intake], source: Source) -> None:
    """Add people whose contact points count as proved.

    No contact point may be known or repeated among them: the database's IntegrityError then undoes all.
    """
    if not intakes:
        return
    posts = homes(session, vault.keys, vault.organisation.id)
    fresh = [Newcomer(vault, intake, posts) for intake in intakes]
    ids = _insert_people(session, vault, fresh, source)
    keys = [{"person_id": ids[one.public_id], "wrapped_key": one.wrapped_key} for one in fresh]
    stays = [{"person_id": ids[one.public_id], **row} for one in fresh for row in one.stays]
    contacts = [
        {"person_id": ids[one.public_id], **row, "channel": row["channel"].value}
        for one in fresh
        for row in one.contacts
    ]
    for statement, rows in ((KEYS, keys), (STAYS, stays), (CONTACTS, contacts)):
        session.execute(statement, {"organisation": vault.organisation.id, **columns(rows)})


def columns(rows: Iterable[dict[str, Any]]) -> dict[str, list[Any]]:
    """Rows turned into arrays by column, as `unnest` takes them. At least one row."""
    turned: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row.items():
            turned.setdefault(name, []).append(value)
    return turned


def _insert_people(session: Session, vault: Vault, fresh: list[Newcomer], source: Source) -> dict[Any, int]:
    rows = session.execute(
        PEOPLE,
        {
            "organisation": vault.organisation.id,
            "source": source.value,
            **columns(one.person for one in fresh),
        },
    )
    return {row.public_id: row.id for row in rows}
