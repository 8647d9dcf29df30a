"""What people send back, the safety they state, and the help they ask for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, UniqueConstraint, func, text
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
    ANSWER = "answer"  # to a question of the conversation, or a word that begins one
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


class ReachBy(StrEnum):
    """How someone who asked for help may be reached about it."""

    CALL = "call"
    TEXT = "text"
    NONE = "none"  # not at all: somebody may be watching


class ToldBy(StrEnum):
    """Who spoke for a person, where it was not they themselves."""

    REGISTERED = "registered"
    STRANGER = "stranger"
    KIN = "kin"  # whom they named as their emergency contact


class CaseOrigin(StrEnum):
    """What opened a case."""

    ANSWER = "answer"  # a 2 or a word, by message or on the person's own page
    OFFICER = "officer"
    RELATIVE = "relative"


class Outcome(StrEnum):
    """How a case ended."""

    HELPED = "helped"
    REFERRED = "referred"
    SAFE = "safe"  # they say that they are safe by now
    UNREACHED = "unreached"
    MISTAKE = "mistake"
    DIED = "died"


class Reply(Identified, Base):
    """What came in from a registered person; its text is sealed under their key.

    One that `needs_reading` waits in the inbox until an officer has read it.
    """

    __tablename__ = "replies"
    __table_args__ = (
        UniqueConstraint("organisation_id", "provider_id", "contact_point_id"),
        Index(
            "ix_replies_unread",
            "organisation_id",
            "received_at",
            postgresql_where=text("needs_reading AND read_at IS NULL"),
        ),
    )

    organisation_id: Mapped[int]
    contact_point_id: Mapped[int | None] = mapped_column(ForeignKey("contact_points.id", ondelete="SET NULL"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id"))
    provider_id: Mapped[str] = mapped_column(String(80))
    sealed_text: Mapped[bytes | None] = mapped_column(LargeBinary)
    meaning: Mapped[Meaning] = mapped_column(enum_column(Meaning))
    received_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    via: Mapped[str] = mapped_column(String(8), default="sms", server_default=text("'sms'"))
    needs_reading: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """A person's eyes are needed: a plea, or words that were not understood."""
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id", ondelete="SET NULL"))
    """The case that it opened, or is about."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    told_by: Mapped[ToldBy | None] = mapped_column(enum_column(ToldBy))
    """None where the person wrote it."""
    read_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    """When the duty list was last told that it is unread."""

    person: Mapped[Person] = relationship()
    owner: Mapped[Officer | None] = relationship()


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
    told_by: Mapped[ToldBy | None] = mapped_column(enum_column(ToldBy))
    """None for the person's own word, which no one else's replaces."""
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    duress: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """They said that they are safe, by the word that means they are not: shown to them as safe."""

    @property
    def own(self) -> Safety | None:
        """What the person has said to all appearances; None where others spoke for them."""
        return None if self.told_by else Safety.SAFE if self.duress else self.safety

    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class Case(Published, Timestamped, Base):
    """Help that a person asked for."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_organisation_id_state", "organisation_id", "state", "id"),
        Index(
            "ix_cases_open",
            "organisation_id",
            "priority",
            "id",
            postgresql_where=text("state <> 'closed'"),
        ),
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
    needs: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    """Codes of `alerts.conversation.needs`: what is wrong, in the person's own choice."""
    sealed_words: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What the person wrote about it."""
    reach_by: Mapped[ReachBy | None] = mapped_column(enum_column(ReachBy))
    """None while they have not said."""
    told_by: Mapped[ToldBy | None] = mapped_column(enum_column(ToldBy))
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    duress: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Asked for in secret: nothing that reaches the person's phone may speak of it."""
    origin: Mapped[CaseOrigin] = mapped_column(
        enum_column(CaseOrigin), default=CaseOrigin.ANSWER, server_default=text("'answer'")
    )
    priority: Mapped[int] = mapped_column(SmallInteger, default=2, server_default=text("2"))
    """1, 2 or 3, by `alerts.casework.priority`."""
    priority_set: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """An officer has set it, against the rule."""
    due_at: Mapped[datetime | None]
    """When something must have been done."""
    escalated_at: Mapped[datetime | None]
    """When the duty list was last told that nobody has taken it."""
    sealed_next_step: Mapped[bytes | None] = mapped_column(LargeBinary)
    outcome: Mapped[Outcome | None] = mapped_column(enum_column(Outcome))

    alert: Mapped[Alert | None] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    owner: Mapped[Officer | None] = relationship()
