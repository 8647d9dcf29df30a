"""The alert and its words."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.database import Base, Published, Timestamped, enum_column
from registry.organisations.models import Officer, Organisation


class AlertType(StrEnum):
    """What a message in a thread is."""

    ALERT = "alert"
    UPDATE = "update"
    ALL_CLEAR = "all_clear"
    CANCEL = "cancel"


class AlertState(StrEnum):
    """Where an alert stands; the legal moves are in `alerts.lifecycle.moves`."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Standing(StrEnum):
    """What follows an alert without being written anew, in sentences that were approved with it."""

    ASK_AGAIN = "ask_again"
    NEXT_CONTACT = "next_contact"
    NO_NEWS = "no_news"


class Level(StrEnum):
    """The MICIC guidelines' four levels."""

    PRECAUTIONARY = "precautionary"
    RESTRICTION = "restriction"
    VOLUNTARY_RETURN = "voluntary_return"
    MANDATORY_RETURN = "mandatory_return"


class Severity(StrEnum):
    """CAP 1.2 §3.2.2."""

    EXTREME = "extreme"
    SEVERE = "severe"
    MODERATE = "moderate"
    MINOR = "minor"
    UNKNOWN = "unknown"


class Alert(Published, Timestamped, Base):
    """What happened, where, how grave, what to do, in several languages, for an audience, until a time."""

    __tablename__ = "alerts"
    __table_args__ = (
        CheckConstraint("approver_id <> author_id", name="approver_is_not_author"),
        CheckConstraint(
            "state NOT IN ('approved', 'sending', 'sent') OR (snapshot IS NOT NULL AND "
            "(approver_id IS NOT NULL OR break_glass_reason IS NOT NULL))",
            name="sent_only_if_approved",
        ),
        Index(
            "uq_alerts_rounds",
            "about_id",
            "standing",
            unique=True,
            postgresql_where=text("standing IN ('ask_again', 'next_contact')"),
        ),
        Index("ix_alerts_organisation_id_created_at", "organisation_id", "created_at"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id"), index=True)
    """The alert that an update, all clear or cancel follows; None for the first."""
    type: Mapped[AlertType] = mapped_column(enum_column(AlertType))
    state: Mapped[AlertState] = mapped_column(enum_column(AlertState), default=AlertState.DRAFT)
    crisis: Mapped[str] = mapped_column(String(40))
    """A kind from `alerts.lifecycle.crises`, e.g. "earthquake"."""
    level: Mapped[Level] = mapped_column(enum_column(Level))
    severity: Mapped[Severity] = mapped_column(enum_column(Severity))
    area: Mapped[dict[str, Any]]
    """{"countries": [...], "subdivisions": [...]}: ISO 3166-1 and -2."""
    filters: Mapped[dict[str, Any]]
    """{"languages": [...], "nationalities": [...], "kinds": [...], "reached_by": [...]}; an absent or empty list
    filters nothing."""
    texts: Mapped[dict[str, Any]]
    """By language: {"sms": ..., "subject": ..., "body": ...}."""
    channels: Mapped[list[str]]
    expires_at: Mapped[datetime]
    next_update_at: Mapped[datetime | None]
    exercise: Mapped[bool] = mapped_column(default=False)
    """Settled as it is first saved: a trigger refuses any change, so that no exercise ever becomes real."""

    author_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(1000))
    """Why it was returned, paused or cancelled."""
    break_glass_reason: Mapped[str | None] = mapped_column(String(1000))
    """Why its author sent it without a second officer."""
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What was approved, word for word; sending reads only this."""
    snapshot_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    planned_at: Mapped[datetime | None]
    first_sent_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    told: Mapped[int | None]
    """People with at least one message handed over, as last counted by the dispatcher."""
    told_of: Mapped[int | None]
    """How many messages had been handed over then."""

    corrected_at: Mapped[datetime | None]
    """When what corrects it was approved: from then on nothing of it leaves any more."""
    ledger_removed_at: Mapped[datetime | None]
    """When the rows of its deliveries were removed; its batches keep their counts."""

    about_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id"), index=True)
    """The alert that this asks again about, or has no news of: answers count for that one."""
    standing: Mapped[Standing | None] = mapped_column(enum_column(Standing))
    ask_again_after: Mapped[int | None]
    """Minutes after which the silent are asked again by themselves."""
    kin_asked_at: Mapped[datetime | None]
    """When the emergency contacts of those still silent began to be asked."""
    promise_warned_at: Mapped[datetime | None]
    """When officers were told by mail that its next update is about due."""

    organisation: Mapped[Organisation] = relationship()
    author: Mapped[Officer] = relationship(foreign_keys=[author_id])
    approver: Mapped[Officer | None] = relationship(foreign_keys=[approver_id])
