"""Imports: a file of people, checked row by row before anything is saved."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.database import Base, Published, Timestamped, enum_column


class ImportState(StrEnum):
    """The life of an import."""

    CHECKING = "checking"
    CHECKED = "checked"
    SAVING = "saving"
    DONE = "done"
    FAILED = "failed"


class RowOutcome(StrEnum):
    """What saving a row would do, or has done."""

    WAITING = "waiting"
    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    INVALID = "invalid"
    DUPLICATE = "duplicate"


class Import(Published, Timestamped, Base):
    """One uploaded file."""

    __tablename__ = "imports"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    filename: Mapped[str] = mapped_column(String(255))
    state: Mapped[ImportState] = mapped_column(enum_column(ImportState))
    confirmed: Mapped[bool] = mapped_column(default=False)
    """Confirmed with the upload: saved as soon as it is checked."""
    default_country: Mapped[str | None] = mapped_column(String(2))
    default_language: Mapped[str | None] = mapped_column(String(16))
    columns: Mapped[list[str]]
    """What each cell of a staged row is: one of `registry.imports.columns`, in the file's order."""
    ignored: Mapped[list[str]]
    """Headings that mean nothing to us, and sheets beside the first; those cells are not kept."""
    rows: Mapped[int] = mapped_column(Integer, default=0)
    progress: Mapped[int] = mapped_column(Integer, default=0)
    """Rows checked, or rows gone through for saving, so far."""
    cursor: Mapped[int] = mapped_column(Integer, default=0)
    """The number of the last of those rows."""
    counts: Mapped[dict[str, Any]]
    """Rows by outcome."""
    error: Mapped[str | None]


class ImportRow(Base):
    """One row: its cells are sealed under the organisation's key and wiped when the row is saved or dropped."""

    __tablename__ = "import_rows"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    """The row's number as a spreadsheet shows it; the heading is usually row 1."""
    organisation_id: Mapped[int]
    outcome: Mapped[RowOutcome] = mapped_column(enum_column(RowOutcome), default=RowOutcome.WAITING)
    saved: Mapped[bool] = mapped_column(default=False)
    errors: Mapped[list[str] | None]
    """Codes such as "phone:phone"; never the value."""
    duplicate_of: Mapped[int | None] = mapped_column(Integer)
    sealed_cells: Mapped[bytes | None] = mapped_column(LargeBinary)


class ImportAddress(Base):
    """Which row of a file was the first to give an address, by blind index; deleted when the import is done."""

    __tablename__ = "import_addresses"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    address_index: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    organisation_id: Mapped[int]
