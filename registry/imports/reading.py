"""Which kind of file it is, whatever its name says, and its rows."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import BinaryIO

from registry.imports import delimited, workbook
from registry.imports.tables import Row, unreadable

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0"
"""The first bytes of old .xls files and of encrypted .xlsx files (MS-CFB §2.2)."""

OTHERS = (b"%PDF", b"<", b"{", b"[")
"""Of PDF, HTML (which some programs name .xls), RTF and JSON."""


def other_sheets(stream: BinaryIO) -> list[str]:
    """The sheets that `rows_of` doesn't read though they are there to be seen. Raises Invalid."""
    head = stream.read(8)
    stream.seek(0)
    found = workbook.other_sheets(stream) if head.startswith(ZIP) else []
    stream.seek(0)
    return found


def rows_of(stream: BinaryIO, language: str | None = None) -> Iterator[Row]:
    """The rows of a CSV or XLSX file that hold anything, one by one. `stream` must be seekable.

    `language` tells the encoding of old CSV files. Raises Invalid, also midway, when the file can't be read.
    """
    head = stream.read(8)
    stream.seek(0)
    if not head:
        raise unreadable("empty", "is empty")
    if head.startswith(OLE):
        raise unreadable(
            "protected", "is protected by a password or in an old format; save it as .xlsx or .csv"
        )
    if head.startswith(ZIP):
        return workbook.rows_of(stream)
    if head.removeprefix(BOM_UTF8).lstrip().startswith(OTHERS):
        raise unreadable("format", "is neither CSV nor XLSX")
    return delimited.rows_of(stream, language)
