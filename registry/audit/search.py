"""Finding entries. Every function expects a session scoped to the organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; None filters nothing. `action` is whole, or ends in a dot for all that begin so ("person.");
    `since` is included, `until` is not."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def given(self) -> dict[str, str]:
        """What was asked for, for the audit log itself and for addresses of pages."""
        held = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in held.items()
            if value is not None
        }


def earlier(
    session: Session, organisation_id: int, wanted: Wanted, before: int | None = None, limit: int = 50
) -> list[AuditEntry]:
    """Entries from the latest on, those below number `before`."""
    query = _query(organisation_id, wanted)
    if before is not None:
        query = query.where(AuditEntry.number < before)
    return list(session.scalars(query.order_by(AuditEntry.number.desc()).limit(limit)))


def later(
    session: Session, organisation_id: int, wanted: Wanted, after: int = 0, limit: int = 50
) -> list[AuditEntry]:
    """Entries in the order they were written, those above number `after`."""
    query = _query(organisation_id, wanted).where(AuditEntry.number > after)
    return list(session.scalars(query.order_by(AuditEntry.number).limit(limit)))


def _query(organisation_id: int, wanted: Wanted) -> Select[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.organisation_id == organisation_id)
    if wanted.actor:
        query = query.where(AuditEntry.actor == wanted.actor)
    if wanted.action and wanted.action.endswith("."):
        query = query.where(AuditEntry.action.startswith(wanted.action, autoescape=True))
    elif wanted.action:
        query = query.where(AuditEntry.action == wanted.action)
    if wanted.subject:
        query = query.where(AuditEntry.subject == wanted.subject)
    if wanted.since:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until:
        query = query.where(AuditEntry.at < wanted.until)
    return query
