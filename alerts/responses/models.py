"""What people send back, the safety they state, and the help they ask for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alerts.lifecycle.models import Alert
from registry.database import Base, Identified, Published, Timestamped, enum_column
from registry.organisations.models import Officer
from registry.people.models import Person


class Meaning(StrEnum):
    """How a reply was understood."""

    SAFE = "safe"
    HELP = "help"
    STOP = "stop"
    START = "start"
    ERASE = "erase"
    OTHER = "other"


class Safety(StrEnum):
    """What a check-in states."""

    SAFE = "safe"
    HELP = "help"


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"


class Reply(Identified, Base):
    """What a registered person sent back; its text is sealed under their key."""

    __tablename__ = "replies"
    __table_args__ = (UniqueConstraint("organisation_id", "provider_id", "contact_point_id"),)

    organisation_id: Mapped[int]
    contact_point_id: Mapped[int | None] = mapped_column(ForeignKey("contact_points.id", ondelete="SET NULL"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id"))
    provider_id: Mapped[str] = mapped_column(String(80))
    sealed_text: Mapped[bytes | None] = mapped_column(LargeBinary)
    meaning: Mapped[Meaning] = mapped_column(enum_column(Meaning))
    received_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class CheckIn(Identified, Base):
    """The latest safety that a person stated for an alert."""

    __tablename__ = "checkins"
    __table_args__ = (UniqueConstraint("alert_id", "person_id"),)

    organisation_id: Mapped[int]
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    safety: Mapped[Safety] = mapped_column(enum_column(Safety))
    via: Mapped[str] = mapped_column(String(8))
    """sms or web."""
    at: Mapped[datetime] = mapped_column(server_default=func.now())

    person: Mapped[Person] = relationship()


class Case(Published, Timestamped, Base):
    """Help that a person asked for."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_organisation_id_state", "organisation_id", "state", "id"),
        Index(
            "uq_cases_open", "alert_id", "person_id", unique=True, postgresql_where=text("state <> 'closed'")
        ),
    )

    organisation_id: Mapped[int]
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    state: Mapped[CaseState] = mapped_column(enum_column(CaseState), default=CaseState.OPEN)
    need: Mapped[str | None] = mapped_column(String(40))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    sealed_note: Mapped[bytes | None] = mapped_column(LargeBinary)
    closed_at: Mapped[datetime | None]

    alert: Mapped[Alert | None] = relationship()
    person: Mapped[Person] = relationship()
    owner: Mapped[Officer | None] = relationship()
