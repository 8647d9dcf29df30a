"""Stored keys. They hold nothing of people, and nothing here opens without the master key or the keystore."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.database import Base, Identified, Published, enum_column
from registry.organisations.models import Officer, Post


class KeyUse(StrEnum):
    """What a stored key seals."""

    PEOPLE = "people"
    OWN = "own"
    INDEX = "index"


class StoredKey(Identified, Base):
    """A version of a post's key; or a key of the organisation that outlives the root key it was derived from: its
    index key, and earlier ones for people and for what belongs to no person."""

    __tablename__ = "stored_keys"
    __table_args__ = (Index("uq_stored_keys_name", "organisation_id", "name", "use", unique=True),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), index=True)
    use: Mapped[KeyUse] = mapped_column(enum_column(KeyUse))
    name: Mapped[bytes] = mapped_column(LargeBinary)
    """The key id, by which sealed values name it."""
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None once it was shredded."""
    capital_copy: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed to the capital's key; None when there was none."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    retired_at: Mapped[datetime | None]
    """Since then it seals nothing new."""


class Rewrap(Identified, Base):
    """A walk over an organisation's person keys, in the order of people's numbers, that seals each by the newest key
    of the post it belongs to. May stop at any point: it goes on where it stood."""

    __tablename__ = "rewraps"
    __table_args__ = (
        Index("uq_rewraps_open", "organisation_id", unique=True, postgresql_where="finished_at IS NULL"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    rotation: Mapped[bool] = mapped_column(default=False)
    """Began with new keys; otherwise posts changed, or retired keys are to be left behind for good."""
    cursor: Mapped[int] = mapped_column(server_default="0")
    people: Mapped[int] = mapped_column(server_default="0")
    """People looked at so far."""
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class CapitalKey(Identified, Base):
    """The public halves of the key to which copies of posts' keys are sealed; the newest counts. The private halves are
    kept offline by two officers and never here."""

    __tablename__ = "capital_keys"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    first_public: Mapped[bytes] = mapped_column(LargeBinary)
    second_public: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Shred(Published, Base):
    """An administrator's request to shred a post's key, which another one approves."""

    __tablename__ = "shreds"
    __table_args__ = (
        CheckConstraint("approved_by_id <> asked_by_id", name="approver_is_not_author"),
        CheckConstraint("(approved_by_id IS NULL) = (approved_at IS NULL)", name="approved_by_someone"),
        Index(
            "uq_shreds_open",
            "post_id",
            unique=True,
            postgresql_where="approved_at IS NULL AND withdrawn_at IS NULL",
        ),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    reason: Mapped[str] = mapped_column(String(500))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    approved_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    post: Mapped[Post] = relationship()
    asked_by: Mapped[Officer] = relationship(foreign_keys=[asked_by_id])
