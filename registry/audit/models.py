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
        Index("ix_audit_entries_actor", "organisation_id", "actor", "number"),
        Index("ix_audit_entries_action", "organisation_id", "action", "number"),
        Index("ix_audit_entries_at", "organisation_id", "at"),
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


class AuditHead(Base):
    """How far a chain has come, kept by a trigger: so that cutting off its end shows at once, before any checkpoint."""

    __tablename__ = "audit_heads"

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]


class AuditCheckpoint(Base):
    """A signed statement that the chain had come to an entry. The application may only add rows."""

    __tablename__ = "audit_checkpoints"

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    """Of that entry, and with it of all before it."""
    at: Mapped[datetime]
    signature: Mapped[bytes] = mapped_column(LargeBinary)
