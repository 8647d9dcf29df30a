"""What a file is to us: numbered rows of texts."""

from __future__ import annotations

from dataclasses import dataclass

from registry.errors import Invalid

MAX_CELL = 1000
"""Characters kept of a cell; no field of ours may be as long."""
MAX_COLUMNS = 200
NO_VALUE = "\x00"
"""Stands for a formula that has no result, or an error. Nothing typed is like it: NUL is refused in texts."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its number as a spreadsheet shows it, from 1. Cells are trimmed and cut at MAX_CELL."""

    number: int
    cells: list[str]


def unreadable(code: str, message: str) -> Invalid:
    """The whole file can't be read; `message` continues "the file …"."""
    return Invalid.one("file", code, message)
