"""XLSX files (ECMA-376), read as a stream: a hostile one can't fill the memory.

Libraries build the whole grid first, which two cells at opposite corners of a sheet make too large for any machine.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import IO, BinaryIO

from registry.imports.sheet import SheetReader
from registry.imports.strings import SharedStrings
from registry.imports.styles import date_styles
from registry.imports.tables import Row, unreadable
from registry.imports.xml import Elements, events, parse

MAX_PART = 256 * 1024 * 1024
"""Bytes of one part of the file once unpacked: some 400,000 rows of ten cells."""
MAX_SHEETS = 20
MAX_DIRECTORY = 1024 * 1024
"""Bytes of the archive's table of contents; a workbook's has a few thousand."""
CHUNK = 64 * 1024


def rows_of(stream: BinaryIO) -> Iterator[Row]:
    """The rows of the first visible sheet that hold anything. Raises Invalid."""
    with _opened(stream) as book:
        yield from book.rows()


def other_sheets(stream: BinaryIO) -> list[str]:
    """The names of the visible sheets after the first that hold anything. Raises Invalid."""
    with _opened(stream) as book:
        return book.others()


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[_Workbook]:
    try:
        _check_directory(stream)
        with zipfile.ZipFile(stream) as archive:
            yield _Workbook(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise unreadable("damaged", "is damaged, or not an Excel workbook") from error


def _check_directory(stream: BinaryIO) -> None:
    """Refuse an archive with more entries than a workbook has, before all are read (APPNOTE §4.3.16)."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - 65_557))
    tail = stream.read()
    stream.seek(0)
    end = tail.rfind(b"PK\x05\x06")
    directory = int.from_bytes(tail[end + 12 : end + 16], "little")
    if end < 0 or directory > MAX_DIRECTORY or tail[max(0, end - 20) :].startswith(b"PK\x06\x07"):
        raise unreadable("damaged", "is damaged, or not an Excel workbook")


class _Workbook:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = set(archive.namelist())
        if "xl/workbook.xml" not in self.names:
            raise unreadable(
                "format", "is neither CSV nor XLSX; in Excel or LibreOffice, save it as .xlsx or .csv"
            )
        with self._part("xl/workbook.xml") as chunks:
            self._book = parse(chunks, Elements("sheet", "workbookPr")).found

    def rows(self) -> Iterator[Row]:
        (_, target), *_others = self._sheets()
        strings, dates = SharedStrings(), frozenset[int]()
        if "xl/sharedStrings.xml" in self.names:
            with self._part("xl/sharedStrings.xml") as chunks:
                parse(chunks, strings)
        if "xl/styles.xml" in self.names:
            with self._part("xl/styles.xml") as chunks:
                dates = date_styles(chunks)
        with self._part(target) as chunks:
            yield from SheetReader(strings, dates, epoch_1904=self._counts_from_1904()).rows(chunks)

    def others(self) -> list[str]:
        """The further visible sheets that have a cell; of many, the first."""
        return [name for name, target in self._sheets()[1:MAX_SHEETS] if self._has_cells(target)]

    def _has_cells(self, target: str) -> bool:
        """Looks at the beginning only: a sheet of blanks may be as long as it likes."""
        found = Elements("c")
        with self._part(target) as chunks:
            return any(found.found for _ in islice(events(chunks, found), 16))

    def _counts_from_1904(self) -> bool:
        return any(item.get("date1904") in ("1", "true") for name, item in self._book if name == "workbookPr")

    def _sheets(self) -> list[tuple[str, str]]:
        """Name and part of the visible sheets; at least one."""
        with self._part("xl/_rels/workbook.xml.rels") as chunks:
            relations = parse(chunks, Elements("Relationship")).found
        sheets = {
            item["Id"]: posixpath.normpath(posixpath.join("/xl", item["Target"])).lstrip("/")
            for _, item in relations
            if item.get("Type", "").endswith("/worksheet") and "Id" in item and "Target" in item
        }
        visible = [
            (item.get("name", ""), sheets[item["id"]])
            for name, item in self._book
            if name == "sheet" and item.get("state", "visible") == "visible" and item.get("id") in sheets
        ]
        if not visible:
            raise unreadable("sheet", "has no visible sheet")
        return visible

    @contextmanager
    def _part(self, name: str) -> Iterator[Iterator[bytes]]:
        if name not in self.names:
            raise unreadable("damaged", "is damaged, or not an Excel workbook")
        with self.archive.open(name) as part:
            yield _bounded(part)


def _bounded(part: IO[bytes]) -> Iterator[bytes]:
    """The part in chunks. Counts what comes out: what the archive says of itself may be a lie."""
    size = 0
    while chunk := part.read(CHUNK):
        size += len(chunk)
        if size > MAX_PART:
            raise unreadable("size", "unpacks to more than this service reads; split it")
        yield chunk
