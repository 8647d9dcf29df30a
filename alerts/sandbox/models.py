"""Messages that the sandbox keeps in place of a provider."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, func
from sqlalchemy.orm import Mapped, mapped_column

from registry.database import Base, Identified


class SandboxMessage(Identified, Base):
    """One message, to or from a contact point, sealed under the organisation's key."""

    __tablename__ = "sandbox_messages"
    __table_args__ = (
        Index("ix_sandbox_messages_thread", "organisation_id", "address_index", "id"),
        Index("ix_sandbox_messages_reference", "organisation_id", "reference"),
    )

    organisation_id: Mapped[int]
    channel: Mapped[str] = mapped_column(String(8))
    address_index: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_address: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_content: Mapped[bytes] = mapped_column(LargeBinary)
    """JSON: subject, text, unsubscribe address."""
    reference: Mapped[str | None] = mapped_column(String(120))
    inbound: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
