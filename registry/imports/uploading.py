"""Taking in a file: its rows are staged, sealed, and nothing else happens yet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry import places
from registry.audit.services import record
from registry.crypto import PersonCipher
from registry.database import uuid7
from registry.errors import Invalid
from registry.imports.columns import HEADING_ROWS, check_columns, is_heading, read_heading
from registry.imports.models import Import, ImportState
from registry.imports.reading import other_sheets, rows_of
from registry.imports.tables import Row, unreadable
from registry.organisations.models import Officer
from registry.organisations.services import actor_of
from registry.people.vault import Vault

MAX_ROWS = 200_000
STAGED_AT_ONCE = 2000

STAGE = text(
    """
    INSERT INTO import_rows (import_id, number, organisation_id, outcome, saved, sealed_cells)
    SELECT :import_id, number, :organisation_id, 'waiting', false, sealed
    FROM unnest(CAST(:numbers AS integer[]), CAST(:sealed AS bytea[])) AS staged (number, sealed)
    """
)


def upload(
    session: Session,
    vault: Vault,
    officer: Officer,
    filename: str,
    stream: BinaryIO,
    default_country: str | None = None,
    default_language: str | None = None,
) -> Import:
    """Stage a CSV or XLSX file. `stream` must be seekable; the defaults are codes, for rows that name none.

    Raises Invalid, with fields "file", "file.<column>", "default_country" or "default_language".
    """
    country, language = _defaults(default_country, default_language)
    sheets = [f"sheet “{name[:60]}”" for name in other_sheets(stream)]
    columns, ignored, rows = _open(stream, country, language)
    found = Import(
        public_id=uuid7(),
        organisation_id=vault.organisation.id,
        officer_id=officer.id,
        filename=_clean_filename(filename),
        state=ImportState.CHECKING,
        default_country=country,
        default_language=language,
        columns=[column for column in columns if column],
        ignored=ignored + sheets,
        counts={},
    )
    session.add(found)
    session.flush()
    found.rows = _stage(session, vault, found, columns, rows)
    if not found.rows:
        raise unreadable("empty", "has a heading and no row under it")
    record(session, actor_of(officer), "import.upload", found.public_id, {"rows": found.rows})
    return found


def cells_row(import_id: int, number: int) -> bytes:
    """Associated data of a staged row: moved to another, it no longer opens."""
    return f"import_rows.cells:{import_id}:{number}".encode()


def open_cells(cipher: PersonCipher, import_id: int, number: int, sealed: bytes) -> list[str]:
    """The cells of a staged row, one for each of the import's columns."""
    cells: list[str] = json.loads(cipher.open(sealed, cells_row(import_id, number)))
    return cells


def _defaults(country: str | None, language: str | None) -> tuple[str | None, str | None]:
    code = places.normalise_country(country) if country else None
    tag = places.normalise_language(language) if language else None
    if country and code is None:
        raise Invalid.one("default_country", "country", "is not a country of ISO 3166-1")
    if language and (tag is None or len(tag) > 16):
        raise Invalid.one(
            "default_language", "language", "is not a language tag of BCP 47, such as fr or pt-BR"
        )
    return code, tag


def _open(
    stream: BinaryIO, country: str | None, language: str | None
) -> tuple[list[str], list[str], Iterator[Row]]:
    """Find the heading among the first rows; the rows that follow it are data."""
    rows = rows_of(stream, language)
    first: Row | None = None
    for row in islice(rows, HEADING_ROWS):
        first = first or row
        if is_heading(row):
            columns, ignored = read_heading(row.cells)
            check_columns(columns, country, language)
            return columns, ignored, rows
    if first is None:
        raise unreadable("empty", "is empty")
    raise unreadable(
        "heading", 'has no heading: its first row must name the columns, such as "phone" and "country"'
    )


def _stage(session: Session, vault: Vault, found: Import, columns: list[str], rows: Iterable[Row]) -> int:
    kept = [position for position, column in enumerate(columns) if column]
    cipher, total, waiting = vault.keys.own, 0, iter(rows)
    while batch := list(islice(waiting, STAGED_AT_ONCE)):
        staged = [(row.number, cells) for row in batch if any(cells := _pick(row.cells, kept))]
        total += len(staged)
        if total > MAX_ROWS:
            raise unreadable("rows", f"has more than {MAX_ROWS:,} rows; split it")
        sealed = [
            cipher.seal(json.dumps(cells, ensure_ascii=False).encode(), cells_row(found.id, number))
            for number, cells in staged
        ]
        session.execute(
            STAGE,
            {
                "import_id": found.id,
                "organisation_id": found.organisation_id,
                "numbers": [number for number, _ in staged],
                "sealed": sealed,
            },
        )
    return total


def _pick(cells: list[str], kept: list[int]) -> list[str]:
    return [cells[position] if position < len(cells) else "" for position in kept]


def _clean_filename(filename: str) -> str:
    name = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "", re.split(r"[/\\]", filename)[-1]).strip()
    return name[-255:] or "file"
