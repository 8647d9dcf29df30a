"""Writing the audit chain.

Each entry's digest covers the one before it, so that a change, a deletion or a reordering shows (the idea of
RFC 9162's logs, reduced to a chain).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry

GENESIS = bytes(32)

_APPEND = text(
    "SELECT audit_append(:organisation, :actor, :action, :subject, CAST(:details AS jsonb), :digested)"
)
"""In the database, so that the chain is locked from there to the commit only, and for no way between."""


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
    body = f"[{entry.organisation_id},{entry.number},{_json(entry.at.isoformat())},"
    body += _told(entry.actor, entry.action, entry.subject, entry.details)
    return sha256(entry.previous + body.encode()).digest()


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _told(actor: str, action: str, subject: str | None, details: dict[str, Any]) -> str:
    """The end of what is digested; its beginning (organisation, number, time) is the database's to write."""
    return _json([actor, action, subject, details])[1:]


def record(
    session: Session, actor: Actor, action: str, subject: object = None, details: dict[str, Any] | None = None
) -> None:
    """Append an entry in the caller's transaction. `details` must hold nothing personal.

    Entries of one organisation wait for each other until the transaction ends, so call it late.
    """
    subject = None if subject is None else str(subject)
    details = details or {}
    session.flush()
    session.execute(
        _APPEND,
        {
            "organisation": actor.organisation_id,
            "actor": actor.name,
            "action": action,
            "subject": subject,
            "details": _json(details),
            "digested": _told(actor.name, action, subject, details),
        },
    )
