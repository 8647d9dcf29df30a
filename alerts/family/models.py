"""A person's emergency contact."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.database import Base, Identified, Timestamped, enum_column
from registry.people.models import Person


class KinWord(StrEnum):
    """What an emergency contact answered."""

    SAFE = "safe"
    HELP = "help"
    UNKNOWN = "unknown"


class Kin(Identified, Timestamped, Base):
    """Whom a person has allowed us to ask how they are when they are silent. Named for that, and asked nothing else.

    It goes with the person, under whose key the number is sealed.
    """

    __tablename__ = "kin"

    organisation_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    address_index: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    """The blind index of the number: two people may have named the same one."""
    sealed_details: Mapped[bytes] = mapped_column(LargeBinary)
    """Number, language, and the name by which they know the person."""
    stopped_at: Mapped[datetime | None]
    """When they said that they want no messages."""
    asked_at: Mapped[datetime | None]
    asked_about_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id", ondelete="SET NULL"))
    answer: Mapped[KinWord | None] = mapped_column(enum_column(KinWord))
    """To the last question."""

    person: Mapped[Person] = relationship()
