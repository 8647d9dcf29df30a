"""Requests to give somebody more than they have."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.database import Base, Published, enum_column
from registry.organisations.models import Officer


class GrantKind(StrEnum):
    """What is asked for."""

    OFFICER = "officer"
    ROLES = "roles"
    RESET = "reset"
    KEY = "key"
    SHUT_OUT = "shut_out"


class GrantState(StrEnum):
    """How far a request has come. A key is `granted` until its officer has taken it."""

    ASKED = "asked"
    GRANTED = "granted"
    DONE = "done"
    REFUSED = "refused"


class Grant(Published, Base):
    """An administrator's request, which another one confirms (OWASP ASVS 5.0 §2.3.5): the database refuses any other
    way."""

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint(
            "state NOT IN ('granted', 'done') OR (decider_id IS NOT NULL AND decider_id <> author_id)",
            name="second_administrator",
        ),
        Index("ix_grants_organisation_id_state", "organisation_id", "state"),
    )

    organisation_id: Mapped[int]
    kind: Mapped[GrantKind] = mapped_column(enum_column(GrantKind))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"), index=True)
    """Whom it is for; nobody yet for a new officer."""
    wanted: Mapped[dict[str, Any]]
    """By kind: email, name, roles, post (a number or none); roles, post; nothing; scopes."""
    state: Mapped[GrantState] = mapped_column(enum_column(GrantState), default=GrantState.ASKED)
    author_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    decider_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_at: Mapped[datetime | None]

    officer: Mapped[Officer | None] = relationship(foreign_keys=[officer_id])
    author: Mapped[Officer] = relationship(foreign_keys=[author_id])

    def is_against(self, officer: Officer) -> bool:
        """Whether it may take from this officer what they have: then they don't decide on it."""
        mine = self.officer_id == officer.id and self.author_id != officer.id
        return mine and self.kind in (GrantKind.SHUT_OUT, GrantKind.ROLES)
