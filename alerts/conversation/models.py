"""The question that was last put to a number."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, SmallInteger, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.database import Base


class Dialogue(Base):
    """A question that awaits its answer. Expired ones are as if they were not there, and go.

    Stands outside row-level security: whoever is about to join belongs to no organisation yet. It holds a keyed digest
    of the number, and nothing that the person wrote.
    """

    __tablename__ = "dialogues"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    step: Mapped[str] = mapped_column(String(24))
    language: Mapped[str] = mapped_column(String(16))
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """Codes of countries, areas, organisations and needs; numbers of rows."""
    misses: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Answers in a row that were not understood."""
    last_id: Mapped[str] = mapped_column(String(80))
    """The message that was last acted on, so that it counts once."""
    asked_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime] = mapped_column(index=True)
