"""Writing a chunk's new and changed people, a statement for each table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.imports.comparing import Change
from registry.imports.judging import Verdict
from registry.people import presence
from registry.people.bulk import CONTACTS, STAYS, columns, register_many
from registry.people.homes import settle
from registry.people.models import Source
from registry.people.vault import Vault, address_row

PEOPLE = text(
    """
    UPDATE people AS p
    SET language = c.language, nationality = c.nationality, kind = c.kind, household_size = c.household_size,
        quiet = c.quiet, sealed_name = c.sealed_name, updated_at = now()
    FROM unnest(CAST(:id AS bigint[]), CAST(:language AS text[]), CAST(:nationality AS text[]), CAST(:kind AS text[]),
                CAST(:household_size AS smallint[]), CAST(:quiet AS boolean[]), CAST(:sealed_name AS bytea[]))
      AS c (id, language, nationality, kind, household_size, quiet, sealed_name)
    WHERE p.id = c.id
    """
)
MOVED = text(
    """
    UPDATE stays AS s
    SET country = c.country, subdivision = c.subdivision, sealed_place = c.sealed_place, starts = c.starts,
        ends = c.ends, updated_at = now()
    FROM unnest(CAST(:id AS bigint[]), CAST(:country AS text[]), CAST(:subdivision AS text[]),
                CAST(:sealed_place AS bytea[]), CAST(:starts AS date[]), CAST(:ends AS date[]))
      AS c (id, country, subdivision, sealed_place, starts, ends)
    WHERE s.id = c.id
    """
)
CONFIRMED = text(
    "UPDATE contact_points SET state = 'active', updated_at = now() WHERE id = ANY(:ids) AND state = 'unconfirmed'"
)


def write(session: Session, vault: Vault, verdicts: list[Verdict]) -> None:
    """Save what was judged, with the people concerned locked. Raises IntegrityError when somebody registered one of
    the new contact points since: judge again."""
    intakes = [verdict.candidate.reading.intake for verdict in verdicts if verdict.outcome == "new"]
    register_many(session, vault, [intake for intake in intakes if intake], Source.IMPORT)
    changes = [verdict.change for verdict in verdicts if verdict.change]
    scope = {"organisation": vault.organisation.id}
    for statement, rows in (
        (PEOPLE, [_person(change) for change in changes if change.fields]),
        (MOVED, [_moved(change) for change in changes if change.stay and change.stay.stay_id]),
        (STAYS, [_added(change) for change in changes if change.stay and not change.stay.stay_id]),
        (CONTACTS, [row for change in changes for row in _contacts(change)]),
    ):
        if rows:
            session.execute(statement, {**scope, **columns(rows)})
    moved = [change.person.id for change in changes if change.stay]
    if moved:
        settle(session, vault.keys, vault.organisation.id, moved)
    presence.seen(session, *(change.person.id for change in changes))
    confirmed = [number for change in changes for number in change.confirmed]
    if confirmed:
        session.execute(CONFIRMED, {"ids": confirmed})


def _person(change: Change) -> dict[str, Any]:
    names = ("id", "language", "nationality", "kind", "household_size", "quiet", "sealed_name")
    return {name: change.fields.get(name, getattr(change.person, name)) for name in names}


def _place(change: Change) -> dict[str, Any]:
    names = ("country", "subdivision", "sealed_place", "starts", "ends")
    return {name: getattr(change.stay, name) for name in names}


def _moved(change: Change) -> dict[str, Any]:
    return {"id": change.stay.stay_id if change.stay else None, **_place(change)}


def _added(change: Change) -> dict[str, Any]:
    return {"person_id": change.person.id, **_place(change)}


def _contacts(change: Change) -> list[dict[str, Any]]:
    public_id = change.person.public_id.bytes
    return [
        {
            "person_id": change.person.id,
            "channel": contact.channel.value,
            "sealed_address": change.cipher.seal(contact.address.encode(), address_row(public_id, index)),
            "address_index": index,
        }
        for index, contact in change.contacts
    ]
