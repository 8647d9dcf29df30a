"""CSV files as people really have them (RFC 4180 and everything beside it)."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import BinaryIO

from registry.imports.tables import MAX_CELL, MAX_COLUMNS, NO_VALUE, Row, unreadable

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BEFORE_UNICODE = {
    "cp1250": {"pl", "cs", "sk", "hu", "sl", "hr", "bs", "ro", "sq"},
    "cp1251": {"ru", "uk", "be", "bg", "mk", "sr"},
    "cp1253": {"el"},
    "cp1254": {"tr", "az"},
    "cp1255": {"he", "yi"},
    "cp1256": {"ar", "fa", "ur", "ps"},
    "cp1258": {"vi"},
}
"""The encoding in which Excel on Windows saves plain CSV, by language; all others have cp1252."""
SEPARATORS = ";,\t|"
SAMPLE = 64 * 1024
MAX_LINE = 256 * 1024
"""Characters of one line."""
csv.field_size_limit(MAX_LINE)
END = "\ufdd0end\ufdd0"
"""A last line of ours: a cell whose quotation marks never close swallows it, and would have swallowed rows."""
EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
SHAPED = re.compile(
    rb"[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3}|([\x80-\xff])"
)
"""What looks like one character in UTF-8, allowed or not (overlong, half a pair); else, as a group, a byte alone."""
QUOTED_FORMULA = re.compile(r'="([^"]*)"')
"""The trick that keeps leading zeros in Excel: ="0612345678"."""


def rows_of(stream: BinaryIO, language: str | None) -> Iterator[Row]:
    """The rows that hold anything. Raises Invalid."""
    encoding = encoding_of(stream, language)
    text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
    try:
        sample = text.read(SAMPLE)
        text.seek(0)
        first, separator = _announced(sample)
        if first:
            text.readline()
        yield from _parse(text, separator, first)
    finally:
        with suppress(ValueError):  # the file may be closed already, where its rows were not all wanted
            text.detach()


def encoding_of(stream: BinaryIO, language: str | None) -> str:
    """By its mark, by where its NULs are, by being UTF-8; else that of the language. Rewinds the stream.

    A text in UTF-8 with broken places is still one: read as another encoding, its letters would become others. What is
    broken in it becomes U+FFFD, which no field takes (Unicode 17.0 §3.9, D93b).
    """
    head = stream.read(4096)
    stream.seek(0)
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head:
        even, odd = head[::2].count(0), head[1::2].count(0)
        if max(even, odd) < len(head) // 8:
            raise unreadable("format", "is neither CSV nor XLSX")
        return "utf-16-le" if odd > even else "utf-16-be"
    if _is_utf8(stream):
        return "utf-8"
    base = (language or "").partition("-")[0]
    return next((name for name, tags in BEFORE_UNICODE.items() if base in tags), "cp1252")


def _is_utf8(stream: BinaryIO) -> bool:
    """Whether all of it is, or more of what isn't ASCII has the shape of UTF-8 than has not. Rewinds the stream."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := stream.read(SAMPLE):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        stream.seek(0)
        return _looks_like_utf8(stream)
    finally:
        stream.seek(0)
    return True


def _looks_like_utf8(stream: BinaryIO) -> bool:
    shaped = alone = 0
    for line in iter(lambda: stream.readline(SAMPLE), b""):
        if not line.isascii():
            found = SHAPED.findall(line)
            bare = sum(map(bool, found))
            shaped, alone = shaped + len(found) - bare, alone + bare
    return shaped >= alone


def separator_of(sample: str) -> str:
    """The separator of the first lines: the candidate that occurs most often outside quotation marks."""
    counts = dict.fromkeys(SEPARATORS, 0)
    quoted, lines = False, 0
    for char in sample:
        if char == '"':
            quoted = not quoted
        elif not quoted and char in counts:
            counts[char] += 1
        elif not quoted and char == "\n":
            lines += 1
            if lines == 3 and any(counts.values()):
                break
    best = max(counts, key=lambda char: counts[char])
    return best if counts[best] else ","


def _announced(sample: str) -> tuple[int, str]:
    """Lines to skip, and the separator: Excel may announce it in a first line such as "sep=;"."""
    found = re.match(r'"?sep=(.)"?\r?\n', sample)
    return (1, found[1]) if found else (0, separator_of(sample))


def _parse(text: io.TextIOWrapper, separator: str, skipped: int) -> Iterator[Row]:
    number = skipped
    try:
        for cells in csv.reader(chain(_lines(text, skipped), [END]), delimiter=separator):
            if cells == [END]:
                return
            number += 1
            clean = [_clean(cell) for cell in cells[:MAX_COLUMNS]]
            if any(clean):
                yield Row(number, clean)
    except csv.Error:
        number += 1
    raise unreadable("quotes", f'has a cell without end near row {number}: look for a stray "')


def _lines(text: io.TextIOWrapper, skipped: int) -> Iterator[str]:
    number = skipped
    while line := text.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            raise unreadable("line", f"has a line of more than {MAX_LINE // 1024} KB, line {number}")
        yield line


def _clean(cell: str) -> str:
    value = cell.strip(" \t\r\n\u00a0\ufeff")[:MAX_CELL]
    if value.startswith("="):
        kept = QUOTED_FORMULA.fullmatch(value)
        return kept[1].strip() if kept else NO_VALUE
    return NO_VALUE if value in EXCEL_ERRORS else value
