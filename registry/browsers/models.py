"""Browsers that an officer has signed in with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from registry.database import Base, Identified


class KnownBrowser(Identified, Base):
    """A browser that holds a cookie of ours since a whole sign-in; here stands the cookie's digest (the pattern of
    OWASP's device cookies)."""

    __tablename__ = "known_browsers"
    __table_args__ = (Index("ix_known_browsers_officer_id_network", "officer_id", "network"),)

    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"))
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    network: Mapped[bytes] = mapped_column(LargeBinary)
    """A keyed digest of the network it came from last."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
