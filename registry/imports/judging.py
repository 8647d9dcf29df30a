"""What saving each row of a chunk would do. The same judgement serves the check and the saving."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry.crypto import KeyAway, Unreadable
from registry.imports.comparing import Change, compare
from registry.imports.mapping import Mapper
from registry.imports.matching import Candidate, Known, find_known
from registry.imports.models import Import, ImportAddress, ImportRow, RowOutcome
from registry.imports.uploading import open_cells
from registry.people.vault import Vault

CHUNK = 500

CLAIM = text(
    """
    INSERT INTO import_addresses (import_id, address_index, number, organisation_id)
    SELECT :import_id, address_index, number, :organisation_id
    FROM unnest(CAST(:indexes AS bytea[]), CAST(:numbers AS integer[])) AS first (address_index, number)
    """
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row's outcome, and what makes it so."""

    candidate: Candidate
    outcome: RowOutcome
    errors: tuple[str, ...] = ()
    duplicate_of: int | None = None
    change: Change | None = None
    claims: tuple[bytes, ...] = ()
    """Blind indexes that no later row may give: the row's own, and all of the person it is about."""


def next_rows(session: Session, vault: Vault, found: Import) -> list[Candidate]:
    """The next chunk after the import's cursor, opened and read."""
    mapper = Mapper(found.columns, found.default_country, found.default_language)
    rows = session.execute(
        select(ImportRow.number, ImportRow.sealed_cells, ImportRow.outcome)
        .where(ImportRow.import_id == found.id, ImportRow.number > found.cursor)
        .order_by(ImportRow.number)
        .limit(CHUNK)
    )
    candidates = []
    for number, sealed, before in rows:
        reading = mapper.read(open_cells(vault.keys.own, found.id, number, sealed or b""))
        contacts = reading.intake.contacts if reading.intake else ()
        indexes = tuple(vault.keys.blind_index(contact.address) for contact in contacts)
        candidates.append(Candidate(number, reading, indexes, before))
    return candidates


def judge(
    session: Session, vault: Vault, found: Import, candidates: list[Candidate], *, lock: bool = False
) -> list[Verdict]:
    """Judge a chunk in order. `lock` keeps the people concerned as they are until the transaction ends."""
    known = find_known(session, found.organisation_id, candidates, lock=lock)
    first = _first_rows(session, found, candidates)
    return [_verdict(vault, candidate, known, first) for candidate in candidates]


def claim_addresses(session: Session, found: Import, verdicts: list[Verdict]) -> None:
    """Remember which row was the first to give each address, for the chunks to come."""
    fresh = {index: verdict.candidate.number for verdict in verdicts for index in verdict.claims}
    if fresh:
        session.execute(
            CLAIM,
            {
                "import_id": found.id,
                "organisation_id": found.organisation_id,
                "indexes": list(fresh),
                "numbers": list(fresh.values()),
            },
        )


def _first_rows(session: Session, found: Import, candidates: list[Candidate]) -> dict[bytes, int]:
    indexes = [index for candidate in candidates for index in candidate.indexes]
    rows = session.execute(
        select(ImportAddress.address_index, ImportAddress.number).where(
            ImportAddress.import_id == found.id, ImportAddress.address_index.in_(indexes)
        )
    )
    return {row.address_index: row.number for row in rows}


def _verdict(vault: Vault, candidate: Candidate, known: Known, first: dict[bytes, int]) -> Verdict:
    """Of one row; notes its addresses in `first`, unless it is no row to refer to."""
    if candidate.reading.intake is None:
        return Verdict(candidate, RowOutcome.INVALID, candidate.reading.errors)
    earlier = min((first[index] for index in candidate.indexes if index in first), default=candidate.number)
    if earlier < candidate.number:
        return Verdict(candidate, RowOutcome.DUPLICATE, duplicate_of=earlier)
    owners = known.of(candidate)
    if len(owners) > 1:
        return Verdict(candidate, RowOutcome.INVALID, ("contacts:two_people",))
    concerned = (*candidate.indexes, *(index for owner in owners for index in owner.contacts))
    claims = tuple(index for index in dict.fromkeys(concerned) if index not in first)
    first.update(dict.fromkeys(claims, candidate.number))
    if not owners:
        return Verdict(candidate, RowOutcome.NEW, claims=claims)
    try:
        change = compare(vault, candidate, owners[0])
    except KeyAway:
        raise
    except Unreadable:
        return Verdict(candidate, RowOutcome.INVALID, ("contacts:shredded",))
    outcome = RowOutcome.CHANGED if change else RowOutcome.SAME
    return Verdict(candidate, outcome, change=change or None, claims=claims)
