"""Checking the audit chain against itself and against checkpoints."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.audit.models import AuditCheckpoint, AuditEntry, AuditHead
from registry.audit.services import GENESIS, digest_of
from registry.audit.witness import Checkpoint, Witness


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold. `at` is the time of that entry, or of the checkpoint that tells of it, if any."""

    number: int
    at: datetime | None
    reason: str


def verify(
    session: Session, organisation_id: int, checkpoints: Iterable[Checkpoint] = (), *, after: int = 0
) -> Iterator[Break]:
    """Walk an organisation's chain and yield every place where it does not hold; last, where it was cut off.

    `checkpoints` are the organisation's, with signatures that were checked. `after` begins behind that entry, which
    is believed.
    """
    seen: dict[int, set[Checkpoint]] = defaultdict(set)
    for checkpoint in checkpoints:
        seen[checkpoint.number].add(checkpoint)
    previous, expected = _digest_at(session, organisation_id, after), after + 1
    rows = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.organisation_id == organisation_id, AuditEntry.number > after)
        .order_by(AuditEntry.number)
        .execution_options(yield_per=1000)
    )
    for entry in rows:
        if entry.number != expected:
            yield Break(entry.number, entry.at, f"is out of place: entry {expected} is missing")
        elif entry.previous != previous:
            yield Break(entry.number, entry.at, "does not follow from the entry before it")
        if digest_of(entry) != entry.digest:
            yield Break(entry.number, entry.at, "was changed after it was written")
        if any(checkpoint.digest != entry.digest for checkpoint in seen.pop(entry.number, ())):
            yield Break(entry.number, entry.at, "is not the one that a checkpoint saw")
        previous, expected = entry.digest, entry.number + 1
        session.expunge(entry)
    cut = max((number for number in seen if number >= expected), default=0)
    witnessed = max((checkpoint.at for checkpoint in seen[cut]), default=None)
    head = session.scalar(select(AuditHead.number).where(AuditHead.organisation_id == organisation_id)) or 0
    if max(cut, head) >= expected:
        when = witnessed if cut >= head else None
        yield Break(max(cut, head), when, f"is missing: the log was cut off behind entry {expected - 1}")


def _digest_at(session: Session, organisation_id: int, number: int) -> bytes:
    found = session.scalar(
        select(AuditEntry.digest).where(
            AuditEntry.organisation_id == organisation_id, AuditEntry.number == number
        )
    )
    return GENESIS if found is None else found


def stored_checkpoints(
    session: Session, organisation_id: int, public_id: uuid.UUID, *, latest: int | None = None
) -> list[Checkpoint]:
    """An organisation's checkpoints in the database, the latest first."""
    rows = session.scalars(
        select(AuditCheckpoint)
        .where(AuditCheckpoint.organisation_id == organisation_id)
        .order_by(AuditCheckpoint.number.desc())
        .limit(latest)
    )
    return [Checkpoint(public_id, row.number, row.digest, row.at, row.signature) for row in rows]


@dataclass(frozen=True, slots=True)
class ChainState:
    """What a page tells of a chain: its end, its latest checkpoint, and what does not hold since that."""

    entries: int
    checkpoint: Checkpoint | None
    breaks: tuple[Break, ...]


RECENT = 200
"""Checkpoints that a page looks at; `rollcall audit verify` looks at all."""


def chain_state(session: Session, witness: Witness, organisation_id: int, public_id: uuid.UUID) -> ChainState:
    """Check the latest checkpoints, and each entry since the last: quick, whatever the log's length."""
    recent = stored_checkpoints(session, organisation_id, public_id, latest=RECENT)
    breaks = [
        Break(checkpoint.number, checkpoint.at, "has a checkpoint that we did not sign")
        for checkpoint in recent
        if not witness.knows(checkpoint)
    ]
    wanted = {checkpoint.number: checkpoint for checkpoint in recent}
    rows = session.execute(
        select(AuditEntry.number, AuditEntry.digest).where(
            AuditEntry.organisation_id == organisation_id, AuditEntry.number.in_(wanted)
        )
    )
    held = {row.number: row.digest for row in rows}
    breaks += [
        Break(number, checkpoint.at, "is not the one that a checkpoint saw")
        for number, checkpoint in wanted.items()
        if held.get(number) != checkpoint.digest
    ]
    last = session.scalar(
        select(func.max(AuditEntry.number)).where(AuditEntry.organisation_id == organisation_id)
    )
    newest = recent[0] if recent else None
    breaks += verify(session, organisation_id, after=newest.number if newest else 0)
    return ChainState(last or 0, newest, tuple(breaks))
