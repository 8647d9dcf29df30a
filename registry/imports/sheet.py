"""The cells of one sheet, row by row (ECMA-376 §18.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from registry.imports.strings import SharedStrings
from registry.imports.tables import MAX_CELL, MAX_COLUMNS, NO_VALUE, Row
from registry.imports.xml import events, whole

ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""How a workbook writes characters that XML can't hold."""
MAX_PARTS = 64
"""Pieces of text kept of a cell; the parser cuts long texts into pieces of at least 8 KB."""


class SheetReader:
    """Turns the sheet's events into rows. Only one chunk's rows are held at a time."""

    def __init__(self, strings: SharedStrings, dates: frozenset[int], *, epoch_1904: bool) -> None:
        self._strings = strings
        self._dates = dates
        self._epoch = date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30)
        self._ready: list[Row] = []
        self._number = 0
        self._cells: list[str] = []
        self._column = 0
        self._kind = "n"
        self._style = 0
        self._formula = False
        self._reading = False
        self._phonetic = False
        self._parts: list[str] = []

    def rows(self, chunks: Iterable[bytes]) -> Iterator[Row]:
        """The rows that hold anything. Raises Invalid."""
        for _ in events(chunks, self):
            yield from self._ready
            self._ready.clear()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Rows and cells may say where they are, or just follow."""
        if name == "c":
            self._column = _column(attributes.get("r", ""), len(self._cells))
            self._kind = attributes.get("t", "n")
            self._style = whole(attributes.get("s", "0"))
            self._formula = False
            self._parts.clear()
        elif name in ("v", "t"):
            self._reading = not self._phonetic
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._phonetic = True
        elif name == "row":
            self._number = max(whole(attributes.get("r", "")), self._number + 1)
            self._cells = []

    def end(self, name: str) -> None:
        """A cell is whole, or a row."""
        if name in ("v", "t"):
            self._reading = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "c" and self._column < MAX_COLUMNS:
            self._cells.extend([""] * (self._column - len(self._cells)))
            self._cells[self._column :] = [self._value()]
        elif name == "row" and any(self._cells):
            self._ready.append(Row(self._number, self._cells))

    def text(self, data: str) -> None:
        """A value, in one piece or several."""
        if self._reading and len(self._parts) < MAX_PARTS:
            self._parts.append(data)

    def _value(self) -> str:
        raw = "".join(self._parts)
        if self._kind == "e" or (self._formula and not raw):
            return NO_VALUE
        if self._kind == "n":
            return self._numeric(raw.strip())
        if self._kind == "s":
            index = whole(raw)
            raw = self._strings[index] if index < len(self._strings) else ""
        elif self._kind == "b":
            return "true" if raw.strip() == "1" else "false"
        elif self._kind == "d":
            return raw[:10]
        return ESCAPED.sub(_unescape, raw).strip(" \t\r\n\u00a0")[:MAX_CELL]

    def _numeric(self, raw: str) -> str:
        """Plain digits, whatever the form; a date where the style says so."""
        if raw.isdecimal() and self._style not in self._dates:
            return raw
        if len(raw) > 40:
            return raw[:MAX_CELL]
        try:
            number = Decimal(raw)
        except InvalidOperation:
            return raw[:MAX_CELL]
        if not number.is_finite() or not -30 < number.adjusted() < 30:
            return raw[:MAX_CELL]
        if self._style in self._dates and 0 < number < 2_958_466:
            return (self._epoch + timedelta(days=int(number))).isoformat()
        plain = format(number, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _column(place: str, following: int) -> int:
    """The index of a cell such as "AB12", from 0."""
    index = 0
    for char in place[:4]:
        if not "A" <= char <= "Z":
            break
        index = index * 26 + ord(char) - 64
    return index - 1 if index else following


def _unescape(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF or not code else chr(code)
