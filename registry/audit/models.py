"""The append-only audit log, hash-chained for each organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.database import Base, Identified


class AuditEntry(Identified, Base):
    """One act. Holds no personal detail: the subject is named by its public id. The application may only add rows."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("uq_audit_entries_organisation_id_number", "organisation_id", "number", unique=True),
        Index("ix_audit_entries_subject", "organisation_id", "subject"),
    )

    organisation_id: Mapped[int]
    number: Mapped[int]
    """Position in the organisation's chain, from 1 without gaps."""
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(254))
    """An officer's email, "person" for someone acting on their own record, or "system"."""
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str | None] = mapped_column(String(80))
    details: Mapped[dict[str, Any]]
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
