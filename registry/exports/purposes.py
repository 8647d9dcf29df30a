"""What people may be exported for, and the least of their records that it takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from registry.i18n import mark


class Purpose(StrEnum):
    """Why a file is needed."""

    CONTACT = "contact"
    MOVEMENT = "movement"
    QUALITY = "quality"
    FIGURES = "figures"


@dataclass(frozen=True, slots=True)
class Kind:
    """What officers read of a purpose, and the columns it gets."""

    label: str
    hint: str
    columns: tuple[str, ...]


KINDS = {
    Purpose.CONTACT: Kind(
        mark("Reach people in another way"),
        mark("Reference, name, language, phone numbers and emails in use, and who wants quiet messages."),
        ("reference", "name", "language", "phones", "emails", "quiet"),
    ),
    Purpose.MOVEMENT: Kind(
        mark("Plan a movement: transport, shelter, escort"),
        mark("Reference, name, nationality, household, where they are, phone numbers in use, quiet."),
        (
            "reference", "name", "nationality", "household_size", "countries", "subdivisions", "places",
            "phones", "quiet",
        ),
    ),
    Purpose.QUALITY: Kind(
        mark("Check records"),
        mark("Reference, language, nationality, kind, household, country and region, day of registration."),
        (
            "reference", "language", "nationality", "kind", "household_size", "countries", "subdivisions",
            "registered",
        ),
    ),
    Purpose.FIGURES: Kind(
        mark("Make statistics"),
        mark("Language, nationality, kind, household, country and region. Nothing that names a person."),
        ("language", "nationality", "kind", "household_size", "countries", "subdivisions"),
    ),
}  # fmt: skip
"""Nobody's address is written that isn't in use: who opted out is not to be reached another way either."""
