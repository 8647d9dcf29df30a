"""Reading untrusted fields, collecting every error on the way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from registry import places
from registry.errors import FieldError, Invalid

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters but tab and line ends, and halves of surrogate pairs, which no encoding can write."""

DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of writing until another ends it; copied along unseen, and no part of a text."""
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Checker:
    """Collects errors while reading fields; `done` raises them all at once."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def fail(self, field: str, code: str, message: str) -> None:
        """Note an error."""
        self.errors.append(FieldError(field, code, message))

    def done(self) -> None:
        """Raise Invalid if anything was wrong."""
        if self.errors:
            raise Invalid(self.errors)

    def text(self, data: Mapping[str, Any], field: str, path: str, limit: int) -> str | None:
        """Optional single-line text; None when absent or blank."""
        value = data.get(field)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.fail(path, "type", "must be text")
            return None
        value = " ".join(DIRECTIONS.sub("", value).split())
        if len(value) > limit:
            self.fail(path, "length", f"must have at most {limit} characters")
            return None
        if CONTROL.search(value) or "\ufffd" in value:
            self.fail(path, "characters", "holds characters that can't be shown")
            return None
        return value or None

    def day(self, data: Mapping[str, Any], field: str, path: str) -> date | None:
        """Optional ISO 8601 date."""
        value = data.get(field)
        if value is None or value == "":
            return None
        if isinstance(value, date):
            return value
        word = value.strip() if isinstance(value, str) else ""
        try:
            return date.fromisoformat(word if DAY.fullmatch(word) else "")
        except ValueError:
            self.fail(path, "date", "must be a date such as 2027-01-31")
            return None

    def flag(self, data: Mapping[str, Any], field: str) -> bool:
        """Optional yes or no; absent means no."""
        value = data.get(field)
        if value is not None and not isinstance(value, bool):
            self.fail(field, "type", "must be true or false")
        return value is True

    def country(self, data: Mapping[str, Any], field: str, path: str, *, required: bool) -> str | None:
        """A country as ISO 3166-1 alpha-2."""
        value = self.text(data, field, path, 80)
        if value is None:
            if required and not any(error.field == path for error in self.errors):
                self.fail(path, "required", "choose a country")
            return None
        code = places.normalise_country(value)
        if code is None:
            self.fail(path, "country", "is not a country of ISO 3166-1")
        return code
