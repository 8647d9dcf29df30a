"""A form as it was sent, with what is wrong with it, for the macros in `macros/forms.html`."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from werkzeug.datastructures import MultiDict

from registry.database import read_id
from registry.errors import Invalid
from registry.web.complaints import complaint


class Form:
    """Values by field name and at most one error for each field, in the order they were found."""

    def __init__(self, values: MultiDict[str, str] | Mapping[str, str | list[str]] | None = None) -> None:
        self.values: MultiDict[str, str] = MultiDict(values or {})
        self.errors: dict[str, str] = {}

    def value(self, name: str) -> str:
        """What stands in a field; empty when nothing does."""
        return self.values.get(name, "")

    def chosen(self, name: str, option: str) -> bool:
        """Whether an option of a select, of radios or of checkboxes is chosen."""
        return option in self.values.getlist(name)

    def thing(self, name: str) -> UUID:
        """The public id in a field. Raises NotFound for anything else."""
        return read_id(self.value(name))

    def number(self, name: str) -> int:
        """The number of a row in a field; 0 for anything else."""
        word = self.value(name)
        return int(word) if word.isascii() and word.isdecimal() and len(word) < 19 else 0

    def error(self, name: str) -> str | None:
        """What is wrong with a field, in the language of the page."""
        return self.errors.get(name)

    def fail(self, name: str, message: str) -> None:
        """Note an error; the first of a field stays."""
        self.errors.setdefault(name, message)

    def take(self, invalid: Invalid, names: Mapping[str, str] | None = None) -> None:
        """Note a service's errors; `names` tells the form's name for a path such as "contacts.0.address"."""
        for error in invalid.errors:
            self.fail((names or {}).get(error.field, error.field), complaint(error))
