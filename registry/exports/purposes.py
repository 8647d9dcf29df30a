"""What people may be exported for, and the least of their records that it takes."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """Why a file is needed."""

    CONTACT = "contact"
    MOVEMENT = "movement"
    QUALITY = "quality"
    FIGURES = "figures"


COLUMNS = {
    Purpose.CONTACT: ("reference", "name", "language", "phones", "emails", "quiet"),
    Purpose.MOVEMENT: (
        "reference", "name", "nationality", "household_size", "countries", "subdivisions", "places",
        "phones", "quiet",
    ),
    Purpose.QUALITY: (
        "reference", "language", "nationality", "kind", "household_size", "countries", "subdivisions",
        "registered",
    ),
    Purpose.FIGURES: ("language", "nationality", "kind", "household_size", "countries", "subdivisions"),
}  # fmt: skip
"""The columns that each gets. Nobody's address is written that isn't in use: who opted out is not to be reached another
way either."""
