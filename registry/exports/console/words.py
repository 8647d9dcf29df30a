"""What officers read of exports."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from registry.exports.purposes import Purpose
from registry.i18n import mark
from registry.web.language import gettext

PURPOSES: Final = MappingProxyType(
    {
        Purpose.CONTACT: (
            mark("Reach people in another way"),
            mark("Reference, name, language, phone numbers and emails in use, and who wants quiet messages."),
        ),
        Purpose.MOVEMENT: (
            mark("Plan a movement: transport, shelter, escort"),
            mark("Reference, name, nationality, household, where they are, phone numbers in use, quiet."),
        ),
        Purpose.QUALITY: (
            mark("Check records"),
            mark(
                "Reference, language, nationality, kind, household, country and region, day of registration."
            ),
        ),
        Purpose.FIGURES: (
            mark("Make statistics"),
            mark("Language, nationality, kind, household, country and region. Nothing that names a person."),
        ),
    }
)
"""What each is for, and what it holds."""

COLUMNS: Final = MappingProxyType(
    {
        "reference": mark("Reference"),
        "name": mark("Name"),
        "language": mark("Language"),
        "phones": mark("Phone number"),
        "emails": mark("Email address"),
        "quiet": mark("Quiet"),
        "nationality": mark("Nationality"),
        "household_size": mark("Household"),
        "countries": mark("Country"),
        "subdivisions": mark("Region"),
        "places": mark("Place"),
        "kind": mark("Kind"),
        "registered": mark("Registered"),
    }
)
"""Of the file, whose own heads are in English."""


def columns_in_words(columns: Iterable[str]) -> str:
    """The columns as one reads them."""
    return ", ".join(gettext(COLUMNS[name]) for name in columns)
