"""What the selects of the pages offer."""

from __future__ import annotations

from functools import cache

from phonenumbers import country_code_for_region

from registry.i18n import LANGUAGES
from registry.people.kinds import KINDS
from registry.places import countries_by_name, language_name, sorting_key
from registry.web.language import current_language, gettext

MORE_LANGUAGES = (
    "am", "az", "bn", "zh", "cs", "de", "fa", "fil", "ff", "ha", "ht", "hi", "hu", "id", "ig", "it", "ja", "km", "rw",
    "ko", "ku", "lo", "ln", "mg", "ms", "my", "ne", "nl", "om", "ps", "pl", "pt", "pa", "ro", "ru", "si", "so", "sw",
    "ta", "te", "th", "ti", "tr", "uk", "ur", "uz", "vi", "wo", "yo",
)  # fmt: skip
"""Languages that many people abroad speak, beside those that these pages have."""

Options = list[tuple[str, str]]


def countries() -> Options:
    """Every country, by its name in the language of the page."""
    return countries_by_name(current_language())


@cache
def _dialling(language: str) -> Options:
    pairs = ((code, name, country_code_for_region(code)) for code, name in countries_by_name(language))
    # U+200E keeps the sign before the number where the page runs from right to left
    return [(code, f"{name} \u200e+{prefix}") for code, name, prefix in pairs if prefix]


def dialling_countries() -> Options:
    """Every country that has a calling code, with it."""
    return _dialling(current_language())


@cache
def languages() -> Options:
    """The languages a person may choose for messages, each by its own name; those of these pages first."""
    more = sorted(
        ((tag, language_name(tag)) for tag in MORE_LANGUAGES), key=lambda pair: sorting_key(pair[1])
    )
    return [(tag, language_name(tag)) for tag in LANGUAGES] + [
        pair for pair in more if pair[0] not in LANGUAGES
    ]


def kinds(present: str | None = None) -> Options:
    """The kinds that the page offers, and the one a person has already, should it be an organisation's own word."""
    offered = [(word, gettext(label)) for word, label in KINDS.items()]
    return offered + ([(present, present.replace("_", " "))] if present and present not in KINDS else [])
