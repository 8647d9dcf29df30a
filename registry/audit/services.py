"""Writing the audit chain.

Each entry's digest covers the one before it, so that a change, a deletion or a reordering shows (the idea of
RFC 9162's logs, reduced to a chain).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry

GENESIS = bytes(32)
LOCK_SPACE = 0x4155  # "AU"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in the audit's words."""

    organisation_id: int
    name: str
    officer_id: int | None = None


def person(organisation_id: int) -> Actor:
    """Someone acting on their own record."""
    return Actor(organisation_id, "person")


def system(organisation_id: int) -> Actor:
    """Rollcall itself."""
    return Actor(organisation_id, "system")


def digest_of(entry: AuditEntry) -> bytes:
    """What an entry's digest must be: over the one before it and every field."""
    body = json.dumps(
        [
            entry.organisation_id,
            entry.number,
            entry.at.isoformat(),
            entry.actor,
            entry.action,
            entry.subject,
            entry.details,
        ],
        sort_keys=True,
        separators=(",", ":"),
    )
    return sha256(entry.previous + body.encode()).digest()


def record(
    session: Session, actor: Actor, action: str, subject: object = None, details: dict[str, Any] | None = None
) -> None:
    """Append an entry in the caller's transaction. `details` must hold nothing personal.

    Entries of one organisation wait for each other until the transaction ends, so call it late.
    """
    session.execute(
        text("SELECT pg_advisory_xact_lock(:space, :organisation)"),
        {"space": LOCK_SPACE, "organisation": actor.organisation_id},
    )
    last = session.execute(
        select(AuditEntry.number, AuditEntry.digest)
        .where(AuditEntry.organisation_id == actor.organisation_id)
        .order_by(AuditEntry.number.desc())
        .limit(1)
    ).first()
    entry = AuditEntry(
        organisation_id=actor.organisation_id,
        number=last.number + 1 if last else 1,
        at=session.scalar(select(func.clock_timestamp())),
        actor=actor.name,
        action=action,
        subject=None if subject is None else str(subject),
        details=details or {},
        previous=last.digest if last else GENESIS,
    )
    entry.digest = digest_of(entry)
    session.add(entry)
    session.flush()
