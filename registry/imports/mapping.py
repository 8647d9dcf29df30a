"""A row of cells as a person, checked exactly as one who registers on a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from registry.errors import FieldError, Invalid
from registry.imports import values
from registry.imports.tables import NO_VALUE
from registry.imports.values import Unclear
from registry.people.intake import Intake, read_person

STAY = ("country", "subdivision", "place", "from", "until")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a row says. Without an intake it is invalid, and `errors` say why, as "column:code"."""

    intake: Intake | None
    given: frozenset[str]
    """Columns that the row fills; "stay" when it says where the person is. The rest came from defaults."""
    errors: tuple[str, ...]


class Mapper:
    """Reads the rows of one file."""

    def __init__(self, columns: list[str], default_country: str | None, default_language: str | None) -> None:
        self._columns = columns
        self._default_country = default_country
        self._default_language = default_language

    def read(self, cells: list[str]) -> Reading:
        """Check one row; never raises."""
        row = _Row(self._columns, cells)
        data = row.person(self._default_country, self._default_language)
        try:
            intake: Intake | None = read_person(data)
        except Invalid as error:
            intake = None
            row.errors.extend(code for code in map(row.code, error.errors) if row.is_new(code))
        return Reading(None if row.errors else intake, row.given(), tuple(dict.fromkeys(row.errors)))


class _Row:
    """One row on its way to a person."""

    def __init__(self, columns: list[str], cells: list[str]) -> None:
        self.errors: list[str] = []
        self.filled: dict[str, list[str]] = {}
        self.contacts: list[str] = []
        for column, cell in zip(columns, cells, strict=False):
            if cell == NO_VALUE:
                self.errors.append(f"{column}:formula")
            elif cell and column:
                self.filled.setdefault(column, []).append(cell)

    def given(self) -> frozenset[str]:
        """Which columns are filled, in the words of Reading."""
        filled = set(self.filled)
        if filled & {"given_name", "family_name"}:
            filled.add("name")
        if filled & set(STAY):
            filled.add("stay")
        return frozenset(filled)

    def person(self, default_country: str | None, default_language: str | None) -> dict[str, Any]:
        """The row in the shape that `read_person` takes."""
        country = self._clear("country", values.country) or default_country
        nationality = self._clear("nationality", values.country)
        subdivision = self._first("subdivision")
        return {
            "language": self._clear("language", values.language) or default_language,
            "nationality": nationality,
            "name": self._name(),
            "kind": self._first("kind"),
            "household_size": self._clear("household_size", values.number_text),
            "quiet": self._clear("quiet", values.flag) or False,
            "contacts": self._contacts(country, nationality),
            "stays": [
                {
                    "country": country,
                    "subdivision": values.subdivision(subdivision, country or "") if subdivision else None,
                    "place": self._first("place"),
                    "from": self._clear("from", values.day),
                    "until": self._clear("until", values.day),
                }
            ],
        }

    def code(self, error: FieldError) -> str:
        """An intake's error in terms of the file's columns."""
        head, *rest = error.field.split(".")
        if head != "contacts":
            return f"{[head, *rest][-1]}:{error.code}"
        return f"{self.contacts[int(rest[0])] if rest else 'phone'}:{error.code}"

    def is_new(self, code: str) -> bool:
        """Whether nothing has been said of the column yet: one reason is enough."""
        column = code.partition(":")[0]
        return not any(known.partition(":")[0] == column for known in self.errors)

    def _first(self, column: str) -> str | None:
        return self.filled.get(column, [None])[0]

    def _clear(self, column: str, read: Callable[[str], Any]) -> Any:
        cell = self._first(column)
        if cell is None:
            return None
        try:
            return read(cell)
        except Unclear as error:
            self.errors.append(f"{column}:{error}")
            return None

    def _name(self) -> str | None:
        parts = [self._first("given_name"), self._first("family_name")]
        return self._first("name") or " ".join(part for part in parts if part) or None

    def _contacts(self, country: str | None, nationality: str | None) -> list[dict[str, str]]:
        own_country = self._clear("phone_country", values.country)
        contacts: list[dict[str, str]] = []
        for cell in self.filled.get("phone", []):
            try:
                number = values.phone(cell, own_country, country, nationality)
            except Unclear as error:
                self.errors.append(f"phone:{error}")
                continue
            self._add(contacts, "phone", "sms", number or cell)
        for cell in self.filled.get("email", []):
            self._add(contacts, "email", "email", cell.removeprefix("mailto:"))
        return contacts

    def _add(self, contacts: list[dict[str, str]], column: str, channel: str, address: str) -> None:
        """A cell that repeats another of its row says nothing new."""
        if not any(contact["address"] == address for contact in contacts):
            contacts.append({"channel": channel, "address": address})
            self.contacts.append(column)
