"""What people may be exported for, and the least of their records that it takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """Why a file is needed."""

    CONTACT = "contact"
    MOVEMENT = "movement"
    QUALITY = "quality"
    FIGURES = "figures"


@dataclass(frozen=True, slots=True)
class Kind:
    """What officers read of a purpose (in English, as all of the console), and the columns it gets."""

    label: str
    hint: str
    columns: tuple[str, ...]


KINDS = {
    Purpose.CONTACT: Kind(
        "Reach people in another way",
        "Reference, name, language, phone numbers and emails in use, and who wants quiet messages.",
        ("reference", "name", "language", "phones", "emails", "quiet"),
    ),
    Purpose.MOVEMENT: Kind(
        "Plan a movement: transport, shelter, escort",
        "Reference, name, nationality, household, where they are, phone numbers in use, quiet.",
        (
            "reference", "name", "nationality", "household_size", "countries", "subdivisions", "places",
            "phones", "quiet",
        ),
    ),
    Purpose.QUALITY: Kind(
        "Check records",
        "Reference, language, nationality, kind, household, country and region, day of registration.",
        (
            "reference", "language", "nationality", "kind", "household_size", "countries", "subdivisions",
            "registered",
        ),
    ),
    Purpose.FIGURES: Kind(
        "Make statistics",
        "Language, nationality, kind, household, country and region. Nothing that names a person.",
        ("language", "nationality", "kind", "household_size", "countries", "subdivisions"),
    ),
}  # fmt: skip
"""Nobody's address is written that isn't in use: who opted out is not to be reached another way either."""
