"""Agreements between organisations, and the consents of people."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.database import Base, Published
from registry.organisations.models import Organisation


class Agreement(Published, Base):
    """An organisation lets another one see who consents, for a purpose, in some countries, until a day.

    Row-level security shows it to both.
    """

    __tablename__ = "agreements"
    __table_args__ = (
        CheckConstraint("ends >= starts", name="in_order"),
        CheckConstraint("recipient_id <> organisation_id", name="between_two"),
        CheckConstraint(
            "(countersigned_by_id IS NULL) = (countersigned_at IS NULL)", name="countersigned_by_someone"
        ),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    """Whose people they are."""
    recipient_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(300))
    countries: Mapped[list[str]]
    starts: Mapped[date] = mapped_column(Date)
    ends: Mapped[date] = mapped_column(Date)
    """The last day."""
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    countersigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    """An administrator of the recipient."""
    countersigned_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """By either of the two, before its time."""

    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    recipient: Mapped[Organisation] = relationship(foreign_keys=[recipient_id])


class Consent(Base):
    """A person lets themselves be seen under an agreement; taking it back deletes the row."""

    __tablename__ = "consents"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"), primary_key=True, index=True)
    organisation_id: Mapped[int]
    given_at: Mapped[datetime] = mapped_column(server_default=func.now())
