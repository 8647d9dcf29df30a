"""Who is on duty, and what they leave to those who come after."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.database import Base, Published
from registry.organisations.models import Officer


class Shift(Published, Base):
    """An officer's time on duty. Its note is sealed under the organisation's key, and seen until somebody took it."""

    __tablename__ = "shifts"
    __table_args__ = (
        Index("uq_shifts_open", "officer_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    organisation_id: Mapped[int] = mapped_column(index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"))
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
    sealed_note: Mapped[bytes | None] = mapped_column(LargeBinary)
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    taken_at: Mapped[datetime | None]

    officer: Mapped[Officer] = relationship(foreign_keys=[officer_id])
