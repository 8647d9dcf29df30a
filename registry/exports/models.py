"""Exports that were asked for. The rows themselves are kept nowhere: they are written as they are downloaded."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.database import Base, Published, Timestamped, enum_column
from registry.exports.purposes import Purpose
from registry.organisations.models import Officer


class ExportState(StrEnum):
    """Where an export stands."""

    WAITING = "waiting"  # for a second officer
    READY = "ready"
    REFUSED = "refused"
    DOWNLOADED = "downloaded"


class Export(Published, Timestamped, Base):
    """One file, for one officer, to be taken once."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("second_id <> officer_id", name="second_is_another"),
        CheckConstraint(
            "NOT above_limit OR second_id IS NOT NULL OR state = 'waiting'", name="decided_by_a_second"
        ),
        Index("ix_exports_organisation_id_id", "organisation_id", "id"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    second_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    """Who confirmed or refused it."""
    purpose: Mapped[Purpose] = mapped_column(enum_column(Purpose))
    filters: Mapped[dict[str, Any]]
    """As `registry.people.listing.Wanted` has them."""
    rows: Mapped[int] = mapped_column(Integer)
    """People who matched when it was asked for: never more are written."""
    last_person_id: Mapped[int]
    """Who registered later is not in it."""
    above_limit: Mapped[bool]
    state: Mapped[ExportState] = mapped_column(enum_column(ExportState))
    expires_at: Mapped[datetime]
    downloaded_at: Mapped[datetime | None]

    officer: Mapped[Officer] = relationship(foreign_keys=[officer_id])
    second: Mapped[Officer | None] = relationship(foreign_keys=[second_id])

    @property
    def is_over(self) -> bool:
        """Whether its time ended before it was taken."""
        return self.state in (ExportState.WAITING, ExportState.READY) and self.expires_at <= datetime.now(UTC)
