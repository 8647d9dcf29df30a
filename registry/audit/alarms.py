"""Alarms: what administrators and auditors must look at. They are entries of the audit log, and so is having looked."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import cast, func, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import String

from registry.audit.models import AuditEntry
from registry.audit.services import record
from registry.audit.telling import BY_HAND, BY_PROGRAM
from registry.crypto.keyring import OrganisationKeys
from registry.errors import NotFound
from registry.notices.officers import tell
from registry.organisations.models import Officer, Role
from registry.organisations.services import actor_of

READERS = (Role.AUDITOR, Role.ADMINISTRATOR)
MOST_REVEALS = 30
"""People whose contacts an officer may open by hand within the window."""
MOST_READ_BY_PROGRAM = 1000
"""Records that the programs of one officer read within the window before it is told."""
WINDOW = timedelta(minutes=10)
REVEALS, SEEN = "alarm.reveals", "alarm.seen"


def note_reveals(
    session: Session, keys: OrganisationKeys, officer: Officer, base_url: str, *, program: bool = False
) -> bool:
    """Raise the alarm about an officer who opened too many contacts; False when it was raised in this window."""
    raised = session.scalar(
        select(AuditEntry.number)
        .where(
            AuditEntry.organisation_id == officer.organisation_id,
            AuditEntry.action == REVEALS,
            AuditEntry.subject == str(officer.public_id),
            AuditEntry.at > func.now() - WINDOW,
        )
        .limit(1)
    )
    if raised is not None:
        return False
    most = MOST_READ_BY_PROGRAM if program else MOST_REVEALS
    record(session, actor_of(officer), REVEALS, officer.public_id, {"more_than": most, "program": program})
    values = {
        "who": officer.email,
        "most": most,
        "when": f"{session.execute(select(func.now())).scalar_one():%H:%M}",
        "url": f"{base_url}/console/audit/",
    }
    for reader in readers(session, officer.organisation_id):
        tell(session, keys, reader, BY_PROGRAM if program else BY_HAND, timedelta(days=1), **values)
    return True


def readers(session: Session, organisation_id: int) -> list[Officer]:
    """The active officers who mind alarms."""
    query = select(Officer).where(Officer.organisation_id == organisation_id, Officer.active)
    minding = {role.value for role in READERS}
    return [
        officer for officer in session.scalars(query.order_by(Officer.id)) if minding & set(officer.roles)
    ]


def open_alarms(session: Session, organisation_id: int) -> list[AuditEntry]:
    """Alarms that nobody has noted, the latest first; at most fifty."""
    seen = aliased(AuditEntry)
    noted = select(seen.id).where(
        seen.organisation_id == organisation_id,
        seen.action == SEEN,
        seen.subject == cast(AuditEntry.number, String),
    )
    query = (
        select(AuditEntry)
        .where(AuditEntry.organisation_id == organisation_id, AuditEntry.action == REVEALS, ~noted.exists())
        .order_by(AuditEntry.number.desc())
        .limit(50)
    )
    return list(session.scalars(query))


def note_seen(session: Session, officer: Officer, number: int) -> None:
    """An officer has looked at an alarm. Raises NotFound when it is not open."""
    if all(alarm.number != number for alarm in open_alarms(session, officer.organisation_id)):
        raise NotFound
    record(session, actor_of(officer), SEEN, number)
