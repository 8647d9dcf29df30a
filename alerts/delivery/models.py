"""The ledger: batches, deliveries, receipts, and what is known of each provider."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer, SmallInteger, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.database import Base, Identified

LEDGER_STORAGE = {
    "fillfactor": "50",
    "autovacuum_vacuum_scale_factor": "0.02",
    "autovacuum_vacuum_cost_delay": "0",
}


class DeliveryState(IntEnum):
    """The number is the rank: a receipt or a late answer moves a delivery up only.

    Failed stands under delivered, for a provider may report first the one and then the other.
    """

    PENDING = 0
    CLAIMED = 10
    UNCERTAIN = 15
    ACCEPTED = 20
    SENT = 30
    FAILED = 40
    DELIVERED = 50
    SUPPRESSED = 60
    EXPIRED = 70

    @property
    def word(self) -> str:
        """The word that programs and pages use."""
        return self.name.lower()


HANDED_OVER = (DeliveryState.ACCEPTED, DeliveryState.SENT, DeliveryState.DELIVERED)
"""A provider has taken the message, and has not said since that it failed."""

TROUBLE = (DeliveryState.FAILED, DeliveryState.UNCERTAIN, DeliveryState.EXPIRED)
"""It did not arrive, or nobody can say."""


class Batch(Identified, Base):
    """A range of contact points `(low, high]` of one alert's audience on one channel, with its own tally."""

    __tablename__ = "batches"
    __table_args__ = (
        UniqueConstraint("alert_id", "channel", "high"),
        Index(
            "ix_batches_due",
            "alert_id",
            "next_attempt_at",
            postgresql_where=text("next_attempt_at IS NOT NULL"),
        ),
        {"postgresql_with": LEDGER_STORAGE},
    )

    organisation_id: Mapped[int]
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"))
    channel: Mapped[str] = mapped_column(String(8))
    low: Mapped[int]
    high: Mapped[int]
    expanded: Mapped[bool] = mapped_column(default=False)
    """Its ledger rows are written."""
    claim: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    """When something in it is to be done; None once every row has come to rest."""
    published_at: Mapped[datetime | None]
    """When a task was last published for it."""
    attempts: Mapped[int] = mapped_column(Integer, default=0)

    pending: Mapped[int] = mapped_column(Integer, default=0)
    claimed: Mapped[int] = mapped_column(Integer, default=0)
    uncertain: Mapped[int] = mapped_column(Integer, default=0)
    accepted: Mapped[int] = mapped_column(Integer, default=0)
    sent: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    delivered: Mapped[int] = mapped_column(Integer, default=0)
    suppressed: Mapped[int] = mapped_column(Integer, default=0)
    expired: Mapped[int] = mapped_column(Integer, default=0)
    followed: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    """How many had failed, or were dead already, when their people's next contact points were last looked for."""
    reasons: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """ "state:code" → how many rows of it have come to that, for states in which a code says why."""


class Delivery(Base):
    """One alert to one contact point, in a partition of the alert's own: a statement that names the alert touches no
    other. No foreign keys: they would make a million rows eight times as slow, and the
    ledger must outlive an erased contact point."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_sent_anew", "alert_id", postgresql_where=text("resent > 0")),
        {"postgresql_partition_by": "LIST (alert_id)"},
    )

    alert_id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(8), primary_key=True)
    contact_point_id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    batch_id: Mapped[int]
    state: Mapped[int] = mapped_column(SmallInteger)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    language: Mapped[str] = mapped_column(String(16))
    """Of the text that is sent, which may be a fallback."""
    quiet: Mapped[bool]
    next_attempt_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    accepted_at: Mapped[datetime | None]
    provider: Mapped[str | None] = mapped_column(String(24))
    """The one that is to take it or took it; noted before it is handed over."""
    provider_id: Mapped[str | None] = mapped_column(String(80))
    code: Mapped[str | None] = mapped_column(String(40))
    """Why it failed, was suppressed or waits: a provider's code or our own word."""
    resent: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    """How many messages of it were taken and came back undelivered, each followed by another."""


class ReceivedReceipt(Identified, Base):
    """A receipt as it came in, until it is applied in bulk. Holds no address."""

    __tablename__ = "received_receipts"

    organisation_id: Mapped[int]
    alert_id: Mapped[int]
    channel: Mapped[str] = mapped_column(String(8))
    contact_point_id: Mapped[int]
    state: Mapped[int] = mapped_column(SmallInteger)
    outcome: Mapped[str | None] = mapped_column(String(16))
    provider_id: Mapped[str | None] = mapped_column(String(80))
    code: Mapped[str | None] = mapped_column(String(40))
    resent: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    """Which message of its delivery it is about: how many went before."""
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Provider(Base):
    """What all workers share about a provider: its breaker and its pace."""

    __tablename__ = "providers"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    open_until: Mapped[datetime | None]
    """While in the future, nothing is handed over."""
    failures: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str | None] = mapped_column(String(200))
    rate: Mapped[float | None] = mapped_column(Float)
    """Messages a second, as measured over the last alert."""
    free_at: Mapped[datetime | None]
    """When the sender's pace next has room (a generic cell rate, shared by all workers)."""
