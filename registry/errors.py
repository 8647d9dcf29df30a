"""What services raise, in a form that a page, a program and an import can each show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field. `field` is a path such as "contacts.0.address"; `code` is stable, for catalogues
    and programs; `message` is plain English."""

    field: str
    code: str
    message: str


class Invalid(Exception):  # noqa: N818
    """Input that can't be accepted; carries every error, not just the first."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors

    @classmethod
    def one(cls, field: str, code: str, message: str) -> Invalid:
        """An Invalid with a single error."""
        return cls([FieldError(field, code, message)])


class NotFound(Exception):  # noqa: N818
    """No such thing, or none that the caller may know of."""


class Conflict(Exception):  # noqa: N818
    """The thing is not in a state that allows this. `code` is stable, the message plain English."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
