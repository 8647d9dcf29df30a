"""The shapes of imports in the API."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema
from werkzeug.datastructures import FileStorage

from registry.api.pages import Page
from registry.api.problems import WrongField
from registry.api.schemas import Given, PageQuery, Shown
from registry.checking import Checker
from registry.imports.models import ImportState, RowOutcome

YES, NO = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


class ImportIn(Given):
    """A file of people, as multipart/form-data."""

    file: Annotated[Any, WithJsonSchema({"type": "string", "format": "binary"})] = Field(
        description="CSV or XLSX; its first row names the columns."
    )
    dry_run: str = Field("true", description="false saves what can be saved; by default nothing is.")
    default_country: str | None = Field(None, description="For rows that name none: ISO 3166-1.")
    default_language: str | None = Field(None, description="For rows that name none: BCP 47.")


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload as given."""

    file: FileStorage
    dry_run: bool
    default_country: str | None
    default_language: str | None


def read_upload(data: Mapping[str, Any]) -> Upload:
    """Check the fields around the file. Raises Invalid."""
    check = Checker()
    file, word = data.get("file"), data.get("dry_run", "true")
    if not isinstance(file, FileStorage) or not file.filename:
        check.fail("file", "required", "send a file")
        file = FileStorage()
    word = word.strip().lower() if isinstance(word, str) else ""
    if word not in (*YES, *NO):
        check.fail("dry_run", "type", "must be true or false")
    country = check.text(data, "default_country", "default_country", 80)
    language = check.text(data, "default_language", "default_language", 35)
    check.done()
    return Upload(file, word in YES, country, language)


class RowsQuery(PageQuery):
    """Which rows."""

    outcome: RowOutcome | None = None


class RowShown(Shown):
    """What saving a row would do, or has done. Holds nothing of the row itself."""

    row: int = Field(description="As a spreadsheet numbers it.")
    outcome: RowOutcome
    saved: bool
    duplicate_of: int | None = Field(description="The row of the same file whose contact it repeats.")
    errors: list[WrongField]


class RowsPage(Page[RowShown]):
    """A page of an import's rows."""


class ImportSummary(Shown):
    """An import as lists show it."""

    id: uuid.UUID
    state: ImportState
    filename: str
    total: int = Field(description="Rows in the file.")
    progress: int = Field(description="Of them checked so far, or gone through for saving.")
    counts: dict[str, int] = Field(description="Rows by outcome so far.")
    ignored: list[str] = Field(
        description="Headings that mean nothing to us, and sheets beside the first: not read, not kept."
    )
    error: str | None
    created_at: datetime
    updated_at: datetime


class Import(ImportSummary):
    """An import and what became of its rows. A long report goes on at /imports/{id}/rows."""

    rows: RowsPage


class ImportsPage(Page[ImportSummary]):
    """A page of imports, the newest first."""
