"""Names of countries and areas in plain words: CLDR's and ISO's, and others that people use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pycountry
from babel import Locale

from registry.places import country_codes, subdivisions
from registry.spelling import words

LANGUAGES: Final = ("en", "fr", "es", "pt", "ar", "fil", "bn", "ne", "am", "ur", "id", "uk")
OTHER_COUNTRIES: Final = Path(__file__).with_name("countries.json")
OTHER_AREAS: Final = Path(__file__).with_name("areas.json")

AMBIGUOUS: Final[Mapping[tuple[str, ...], tuple[str, ...]]] = {
    ("congo",): ("CD", "CG"),
    ("الكونغو",): ("CD", "CG"),
    ("korea",): ("KR", "KP"),
    ("corea",): ("KR", "KP"),
    ("coree",): ("KR", "KP"),
    ("كوريا",): ("KR", "KP"),
}
"""Names by which two states are called."""

GENERIC: Final = frozenset(
    words(
        "al el ash as an ar at ad az the of in de du des la le les i am is near we are estoy en je suis a "
        "oblast province provincia region governorate state district city town wilaya muhafazat departement "
        "departamento division county prefecture"
    )
)
"""Words that tell nothing of which place it is."""


@cache
def country_names() -> dict[tuple[str, ...], str]:
    """Every name of a country that is known, in all languages together."""
    codes = country_codes()
    found: dict[tuple[str, ...], str] = {}
    for country in pycountry.countries:
        for name in (
            country.name,
            getattr(country, "official_name", ""),
            getattr(country, "common_name", ""),
        ):
            found[words(name)] = country.alpha_2
    for tag in LANGUAGES:
        found |= {words(name): code for code, name in Locale.parse(tag).territories.items() if code in codes}
    others: dict[str, list[str]] = json.loads(OTHER_COUNTRIES.read_text("utf-8"))
    found |= {words(name): code for code, names in others.items() for name in names}
    return {name: code for name, code in found.items() if name and name not in AMBIGUOUS}


@cache
def area_names(country: str) -> dict[tuple[str, ...], str]:
    """Names of a country's areas, and of large towns in them."""
    found = {words(name): code for code, name in subdivisions(country).items()}
    others: dict[str, dict[str, list[str]]] = json.loads(OTHER_AREAS.read_text("utf-8"))
    for code, names in others.get(country, {}).items():
        found |= {words(name): f"{country}-{code}" for name in names}
    return found
