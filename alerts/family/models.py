"""A person's emergency contact, and whoever asks for a person."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.database import Base, Identified, Published, Timestamped, enum_column, uuid7
from registry.notices.models import Queued
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


class Inquiry(Queued):
    """Somebody who asks for a relative, from the code that proves their own address to the passing on of the question.

    Stands outside row-level security: who asks belongs to no organisation, and whom they ask for isn't looked up before
    the question is passed on. Sealed under the master key, for half an hour.
    """

    __tablename__ = "inquiries"
    __table_args__ = (
        Index("ix_inquiries_due", "next_attempt_at", postgresql_where=text("state = 'pending'")),
        Index("ix_inquiries_asked", "id", postgresql_where=text("asked_at IS NOT NULL")),
    )

    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid7, unique=True)
    sealed_asker: Mapped[bytes] = mapped_column(LargeBinary)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    proved_at: Mapped[datetime | None]
    sealed_question: Mapped[bytes | None] = mapped_column(LargeBinary)
    """By which number or address they know whom they ask for."""
    asked_at: Mapped[datetime | None]


class AskingState(StrEnum):
    """Where the question of a relative stands."""

    WAITING = "waiting"
    ASKED = "asked"  # the person has been asked by message
    HELD = "held"  # it waits on the person's own page, and an officer knows of it
    TOLD = "told"
    REFUSED = "refused"


class Asking(Published, Base):
    """A relative's question as the organisation holds it that knows the person. The relative never hears that it does,
    unless the person lets them.
    """

    __tablename__ = "askings"
    __table_args__ = (
        UniqueConstraint("person_id", "asker_index"),
        Index("ix_askings_open", "id", postgresql_where=text("state IN ('waiting', 'asked')")),
    )

    organisation_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    asker_index: Mapped[bytes] = mapped_column(LargeBinary)
    """The blind index of the asker's address: who asks again asks nothing new."""
    sealed_asker: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[AskingState] = mapped_column(enum_column(AskingState), default=AskingState.WAITING)
    since: Mapped[datetime] = mapped_column(server_default=func.now())
    """When it came to this state."""
    expires_at: Mapped[datetime] = mapped_column(index=True)

    person: Mapped[Person] = relationship()
