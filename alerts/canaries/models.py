"""What the last canary of each queue, and of the dispatcher, told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from registry.database import Base


class Canary(Base):
    """One line that must stay alive: a queue by its name, or the dispatcher. Holds nothing of anybody."""

    __tablename__ = "canaries"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    seen_at: Mapped[datetime | None]
    """When a canary last came through."""
    waiting_since: Mapped[datetime | None]
    """Since when one is under way; None while none is."""
    told_at: Mapped[datetime | None]
    """When administrators were told that it is late."""
