"""Countries, subdivisions and languages: ISO 3166-1, ISO 3166-2, BCP 47."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import pycountry
from babel import Locale, UnknownLocaleError


@cache
def country_codes() -> frozenset[str]:
    """All ISO 3166-1 alpha-2 codes, and XK, which is in use for Kosovo."""
    return frozenset(country.alpha_2 for country in pycountry.countries) | {"XK"}


def normalise_country(text: str) -> str | None:
    """An alpha-2 code from a code (alpha-2 or alpha-3) or an English name, or None."""
    word = text.strip()
    if word.upper() in country_codes():
        return word.upper()
    try:
        return str(pycountry.countries.lookup(word).alpha_2)
    except LookupError:
        return None


def normalise_subdivision(text: str, country: str) -> str | None:
    """An ISO 3166-2 code within `country`, from a code ("FR-75", "75") or a name, or None."""
    word = text.strip().upper()
    found = subdivisions(country)
    for code in (word, f"{country}-{word}"):
        if code in found:
            return code
    wanted = text.strip().casefold()
    return next((code for code, name in found.items() if name.casefold() == wanted), None)


@cache
def subdivisions(country: str) -> dict[str, str]:
    """ISO 3166-2 codes of a country with their names, by name. Empty where the standard has none."""
    found: list[Any] = pycountry.subdivisions.get(country_code=country) or []  # type: ignore[no-untyped-call]
    return {item.code: item.name for item in sorted(found, key=lambda item: str(item.name))}


def normalise_language(text: str) -> str | None:
    """A BCP 47 tag in canonical case ("pt-BR", "zh-Hant"), or None for what no one speaks."""
    try:
        locale = Locale.parse(text.strip().replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError, TypeError):
        subtag = text.strip().lower()
        known = len(subtag) in (2, 3) and (
            pycountry.languages.get(alpha_2=subtag) or pycountry.languages.get(alpha_3=subtag)
        )
        return subtag if known else None
    return "-".join(part for part in (locale.language, locale.script, locale.territory) if part)


@cache
def country_name(code: str, language: str) -> str:
    """A country's name in a language; in English, or the code itself, where that language has none."""
    return _territories(language).get(code) or _territories("en").get(code) or code


@cache
def countries_by_name(language: str) -> list[tuple[str, str]]:
    """(code, name) of every country, in the alphabetical order of the names."""
    pairs = ((code, country_name(code, language)) for code in country_codes())
    return sorted(pairs, key=lambda pair: sorting_key(pair[1], language))


ALPHABETS = {
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "ur": "آاأبپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوؤہھةۃءئیے",
}
"""Where the order of the letters is not that of their code points."""
_ORDER = {
    tag: {ord(letter): chr(0xE000 + place) for place, letter in enumerate(letters)}
    for tag, letters in ALPHABETS.items()
}


def sorting_key(name: str, language: str = "en") -> str:
    """So that "Égypte" stands between "Danemark" and "Espagne", not after "Zimbabwe"."""
    if language in _ORDER:
        return name.casefold().translate(_ORDER[language])
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in letters if not unicodedata.combining(char))


@cache
def _territories(language: str) -> dict[str, str]:
    try:
        return dict(Locale.parse(language, sep="-").territories)
    except (ValueError, UnknownLocaleError):
        return {}


OWN_NAMES = {"id": "Bahasa Indonesia"}
"""What the speakers say, where the locale data has less."""


@cache
def language_name(tag: str, language: str | None = None) -> str:
    """A language's name, by default in itself: "français", "العربية"."""
    if language is None and tag in OWN_NAMES:
        return OWN_NAMES[tag]
    try:
        locale = Locale.parse(tag, sep="-")
        return locale.get_display_name(language.replace("-", "_") if language else None) or tag
    except (ValueError, UnknownLocaleError):
        found = pycountry.languages.get(alpha_2=tag) or pycountry.languages.get(alpha_3=tag)
        return str(found.name) if found else tag


def is_right_to_left(tag: str) -> bool:
    """Whether the language is written from right to left."""
    try:
        return Locale.parse(tag, sep="-").text_direction == "rtl"
    except (ValueError, UnknownLocaleError):
        return False
