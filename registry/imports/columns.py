"""What the columns of people's files are called, in English, French, Spanish and Arabic."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path

from registry.errors import FieldError, Invalid
from registry.imports.tables import Row

SPELLINGS = Path(__file__).with_name("columns.json")
REPEATABLE = frozenset({"phone", "email"})
"""A file may have several of these; each counts."""
HEADING_ROWS = 20
"""How far down the heading may stand, under titles and notes."""


@cache
def spellings() -> dict[str, str]:
    """Columns by each spelling of their headings, reduced by `reduce`."""
    known: dict[str, list[str]] = json.loads(SPELLINGS.read_text("utf-8"))
    return {reduce(word): column for column, words in known.items() for word in [column, *words]}


def reduce(heading: str) -> str:
    """A heading without what doesn't matter: case, accents, marks, punctuation, a number at its end."""
    plain = unicodedata.normalize("NFKD", heading.replace("ـ", "")).casefold()
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    letters = letters.replace("أ", "ا").replace("إ", "ا").replace("آ", "ا")
    words = re.sub(r"[\W_]+", " ", re.sub(r"\(.*?\)", " ", letters)).split()
    while len(words) > 1 and words[-1].isdecimal():
        words.pop()
    return " ".join(words)


def read_heading(cells: list[str]) -> tuple[list[str], list[str]]:
    """Columns by position, "" for what means nothing to us, and those headings. The first of two alike counts."""
    columns: list[str] = []
    ignored: list[str] = []
    for cell in cells:
        column = spellings().get(reduce(cell), "")
        if column in columns and column not in REPEATABLE:
            column = ""
        if not column and cell.strip("\0"):
            ignored.append(cell[:60])
        columns.append(column)
    return columns, ignored


def is_heading(row: Row) -> bool:
    """Whether a row looks like one: it names a column, and no cell of it is a phone number or an address."""
    columns, _ = read_heading(row.cells)
    named = [column for column in columns if column]
    data = any("@" in cell or sum(char.isdecimal() for char in cell) > 5 for cell in row.cells)
    return bool(named) and not data and (len(named) > 1 or len([cell for cell in row.cells if cell]) == 1)


def check_columns(columns: list[str], default_country: str | None, default_language: str | None) -> None:
    """Raise one Invalid that names every column that must be there and isn't."""
    errors = []
    if not {"phone", "email"} & set(columns):
        errors.append(("phone", 'has no column for contacts: name one "phone" or "email"'))
    if "country" not in columns and default_country is None:
        errors.append(("country", 'has no column "country": add one, or choose a country for all rows'))
    if "language" not in columns and default_language is None:
        errors.append(("language", 'has no column "language": add one, or choose a language for all rows'))
    if errors:
        raise Invalid([FieldError(f"file.{column}", "column", message) for column, message in errors])


def example() -> str:
    """A file to fill in: every column that is read, and one person who can't exist."""
    person = {
        "phone": "+999 1234 5678",
        "email": "ana@example.org",
        "country": "TR",
        "subdivision": "TR-34",
        "place": "Kadıköy",
        "language": "fr",
        "name": "Ana Example",
        "nationality": "FR",
        "until": "2030-12-31",
        "household_size": "2",
        "kind": "student",
        "quiet": "no",
    }
    return "\ufeff" + ",".join(person) + "\r\n" + ",".join(person.values()) + "\r\n"
