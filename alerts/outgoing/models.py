"""Messages that officers, or Rollcall for them, send to one person outside any alert."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.database import Base, Published, enum_column
from registry.organisations.models import Officer
from registry.people.models import ChannelName, Person


class OutgoingKind(StrEnum):
    """What a message is for."""

    REPLY = "reply"  # an officer's words to a person
    KIN = "kin"  # a question to whom they have named, how they are
    FAMILY = "family"  # to somebody who asked for them: that they are safe


class OutgoingState(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    CLAIMED = "claimed"  # in a worker's hands; left there too long, its provider is asked
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    UNCERTAIN = "uncertain"  # nobody can say whether it left: an officer decides


class Outgoing(Published, Base):
    """One message to one address. Its words stay, sealed under the person's key: they are part of the conversation."""

    __tablename__ = "outgoing"
    __table_args__ = (
        UniqueConstraint("organisation_id", "once"),
        Index(
            "ix_outgoing_due",
            "next_attempt_at",
            postgresql_where=text("state IN ('pending', 'claimed')"),
        ),
    )

    organisation_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    contact_point_id: Mapped[int | None] = mapped_column(ForeignKey("contact_points.id", ondelete="SET NULL"))
    """None once the person has removed it."""
    channel: Mapped[ChannelName] = mapped_column(enum_column(ChannelName))
    kind: Mapped[OutgoingKind] = mapped_column(enum_column(OutgoingKind))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    once: Mapped[uuid.UUID]
    """Whatever is asked for twice under one of these is sent once."""
    language: Mapped[str] = mapped_column(String(16))
    sealed_content: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[OutgoingState] = mapped_column(enum_column(OutgoingState), default=OutgoingState.PENDING)
    claim: Mapped[uuid.UUID | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When it is due; of one that is claimed, when its lease ends."""
    claimed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    accepted_at: Mapped[datetime | None]
    provider: Mapped[str | None] = mapped_column(String(24))
    """The one that is to take it; noted before it is handed over."""
    provider_id: Mapped[str | None] = mapped_column(String(80))
    code: Mapped[str | None] = mapped_column(String(40))

    person: Mapped[Person] = relationship()
    officer: Mapped[Officer | None] = relationship()
