"""What is done about a case: its log, its referral to another organisation, and places where help is given."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alerts.responses.models import Case
from registry.database import Base, Identified, Published, Timestamped, enum_column
from registry.organisations.models import Officer, Organisation
from registry.people.models import Person
from registry.sharing.models import Agreement


class EntryKind(StrEnum):
    """What a line of a case's log tells."""

    OPENED = "opened"
    CHANGED = "changed"
    NOTE = "note"
    MESSAGE = "message"
    REFERRAL = "referral"


class CaseEntry(Identified, Base):
    """A line of a case's log. It is only ever added to; it goes with the person."""

    __tablename__ = "case_entries"

    organisation_id: Mapped[int]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    """None for Rollcall, the person, or an officer of another organisation."""
    kind: Mapped[EntryKind] = mapped_column(enum_column(EntryKind))
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """Nothing of the person: field → new value, such as {"state": "closed"}."""
    sealed_text: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    officer: Mapped[Officer | None] = relationship()


class ReferralState(StrEnum):
    """Where a referral stands; it comes back as done, declined or withdrawn."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Referral(Published, Timestamped, Base):
    """A case that another organisation is asked to take, under an agreement to which the person has consented.

    Row-level security shows it to both; the person's record the recipient sees only while the consent lasts.
    """

    __tablename__ = "referrals"
    __table_args__ = (
        Index(
            "uq_referrals_open",
            "case_id",
            "recipient_id",
            unique=True,
            postgresql_where=text("state IN ('offered', 'accepted')"),
        ),
    )

    organisation_id: Mapped[int]
    recipient_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    state: Mapped[ReferralState] = mapped_column(enum_column(ReferralState), default=ReferralState.OFFERED)
    need: Mapped[str | None] = mapped_column(String(40))
    sealed_request: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What is asked of the recipient."""
    sealed_answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What the recipient says to it."""
    offered_by_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    answered_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship()
    person: Mapped[Person] = relationship()
    agreement: Mapped[Agreement] = relationship()
    recipient: Mapped[Organisation] = relationship()


class AssistancePoint(Published, Timestamped, Base):
    """A place where people get help, which messages can name. Nothing in it is secret."""

    __tablename__ = "assistance_points"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    country: Mapped[str] = mapped_column(String(2))
    name: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(160))
    hours: Mapped[str] = mapped_column(String(80))
    id_needed: Mapped[bool] = mapped_column(default=False)
    public: Mapped[bool] = mapped_column(default=False)
    """Shown to everyone, on the public page of its country."""
    closed_at: Mapped[datetime | None]
