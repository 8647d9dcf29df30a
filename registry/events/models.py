"""Security events as they are kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.database import Base


class SecurityEvent(Base):
    """How often something was refused at one place within an hour. Nothing in it can be read back: who it was about and
    where it came from are keyed digests."""

    __tablename__ = "security_events"

    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    """The beginning of the hour, by the database's clock."""
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    place: Mapped[str] = mapped_column(String(80), primary_key=True)
    """The route's name; empty for an address that has none."""
    subject: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """Of the address that somebody tried to sign in with; else empty."""
    network: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """Empty on the pages of people: where they are is nobody's business."""
    count: Mapped[int]
