"""Notices: messages outside any alert, to a person (a code, a personal link) or to an officer."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.database import Base, Identified, enum_column


class NoticeState(StrEnum):
    """Where a notice stands. One may arrive twice without harm, so there is no reconciling."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    EXPIRED = "expired"


class Queued(Identified, Base):
    """What waits to be sent. The content is sealed, and wiped once handed over."""

    __abstract__ = True

    sealed_content: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[NoticeState] = mapped_column(enum_column(NoticeState), default=NoticeState.PENDING)
    claim: Mapped[uuid.UUID | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """Due from then on; a claim moves it on by the length of the lease."""
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    code: Mapped[str | None] = mapped_column(String(40))


class Notice(Queued):
    """To a person's contact point, sealed under the person's key."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_due", "next_attempt_at", postgresql_where=text("state = 'pending'")),)

    organisation_id: Mapped[int]
    contact_point_id: Mapped[int] = mapped_column(
        ForeignKey("contact_points.id", ondelete="CASCADE"), index=True
    )


class OfficerMail(Queued):
    """To an officer's own address, sealed under the organisation's key."""

    __tablename__ = "officer_mails"
    __table_args__ = (
        Index("ix_officer_mails_due", "next_attempt_at", postgresql_where=text("state = 'pending'")),
    )

    organisation_id: Mapped[int]
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"), index=True)
