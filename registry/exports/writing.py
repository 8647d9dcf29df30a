"""Writing an export as CSV, a page of people at a time, each in a short transaction: memory stays flat."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

from registry.crypto import Keyring
from registry.crypto.keyring import Unreadable
from registry.database import scoped
from registry.exports.cells import line
from registry.exports.models import Export
from registry.exports.purposes import COLUMNS
from registry.exports.services import note_taken
from registry.organisations.models import Officer
from registry.people.listing import Wanted, list_people
from registry.people.models import ChannelName, ContactState, Person
from registry.people.vault import Vault

PAGE = 500


def write(keyring: Keyring, officer: Officer, export: Export) -> Iterator[str]:
    """The file in pieces; notes in the audit log what went out, also when whoever reads breaks off.

    Each row says where the file comes from, and the last line how long it is: a row that is cut out tells, and so
    does a file that is cut off.
    """
    columns, mark = COLUMNS[export.purpose], mark_of(officer, export)
    written: list[uuid.UUID] = []
    whole = False
    try:
        yield "\ufeff" + line(*columns, "export")
        for people in pages(keyring, export):
            for public_id, cells in people:
                written.append(public_id)
                yield line(*cells, mark)
        yield line(f"{mark}: {len(written)} rows for the purpose “{export.purpose.value}”, delete when done")
        whole = True
    finally:
        with scoped(export.organisation_id) as session:
            note_taken(session, officer, export, written, whole=whole)


def mark_of(officer: Officer, export: Export) -> str:
    """What every row says of where it comes from."""
    return (
        f"Rollcall export {export.public_id} for {officer.email}, {export.downloaded_at:%Y-%m-%d %H:%M} UTC"
    )


def pages(keyring: Keyring, export: Export) -> Iterator[list[tuple[uuid.UUID, list[str]]]]:
    """The rows of an export that is being taken, each with whose it is."""
    wanted, columns = Wanted(**export.filters), COLUMNS[export.purpose]
    after, left = 0, export.rows
    while left > 0:
        with scoped(export.organisation_id) as session:
            vault = Vault.open(session, keyring, export.organisation_id)
            people = [
                person
                for person in list_people(session, export.organisation_id, wanted, after, min(PAGE, left))
                if person.id <= export.last_person_id
            ]
            page = [(person.public_id, [_cell(vault, person, name) for name in columns]) for person in people]
        if not people:
            return
        yield page
        after, left = people[-1].id, left - len(people)


def _cell(vault: Vault, person: Person, column: str) -> str:
    try:
        return WRITERS[column](vault, person)
    except Unreadable:  # the key of whoever holds the record was destroyed
        return "unreadable"


def _addresses(channel: ChannelName) -> Callable[[Vault, Person], str]:
    return lambda vault, person: "; ".join(
        vault.address(contact)
        for contact in person.contacts
        if contact.channel is channel and contact.state is ContactState.ACTIVE
    )


WRITERS: dict[str, Callable[[Vault, Person], str]] = {
    "reference": lambda _, person: person.reference,
    "name": lambda vault, person: vault.name(person) or "",
    "language": lambda _, person: person.language,
    "nationality": lambda _, person: person.nationality or "",
    "kind": lambda _, person: person.kind or "",
    "household_size": lambda _, person: str(person.household_size or ""),
    "countries": lambda _, person: "; ".join(dict.fromkeys(stay.country for stay in person.stays)),
    "subdivisions": lambda _, person: "; ".join(
        stay.subdivision for stay in person.stays if stay.subdivision
    ),
    "places": lambda vault, person: "; ".join(filter(None, (vault.place(stay) for stay in person.stays))),
    "phones": _addresses(ChannelName.SMS),
    "emails": _addresses(ChannelName.EMAIL),
    "quiet": lambda _, person: "yes" if person.quiet else "",
    "registered": lambda _, person: f"{person.created_at:%Y-%m-%d}",
}
