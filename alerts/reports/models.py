"""Counts that are kept of an alert."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from registry.database import Base


class AlertReport(Base):
    """What was counted of one alert: of a large one beforehand, and of every one before its ledger is removed."""

    __tablename__ = "alert_reports"

    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), primary_key=True)
    organisation_id: Mapped[int]
    counts: Mapped[dict[str, Any]]
    """As `alerts.reports.counts.Counts` has them."""
    moved: Mapped[int]
    """How far its deliveries had come by then: it grows with every step of one."""
    counted_at: Mapped[datetime] = mapped_column(server_default=func.now())
