"""Single cells: what spreadsheets and habits make of numbers, days, names of countries and languages."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

import phonenumbers
from babel import Locale

from registry import places
from registry.addresses import NOBODY, normalise_phone
from registry.gazetteer.names import OTHER_COUNTRIES
from registry.imports.columns import reduce

LANGUAGES = ("en", "fr", "es", "ar")
"""In which the names of countries and languages are understood."""
FLOAT = re.compile(r"\+?(\d+)[.,]0+")
SCIENTIFIC = re.compile(r"\+?(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")
SIGNIFICANT = 9
"""Digits from which a number in scientific form is taken to be whole: Excel shows six when it has rounded one."""
YES = frozenset({"yes", "y", "true", "1", "x", "oui", "vrai", "si", "verdadero", "نعم", "صحيح", "✓", "✔"})
NO = frozenset({"no", "n", "false", "0", "non", "faux", "falso", "لا", "خطا"})


class Unclear(ValueError):  # noqa: N818
    """A cell that can't be taken for what its column says; the message is the code of the reason."""


def ascii_digits(text: str) -> str:
    """The text with the digits of any script as 0–9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)


def number_text(cell: str) -> str:
    """A number without the forms that spreadsheets give it. Raises Unclear("rounded") where digits are lost."""
    text = ascii_digits(cell).strip("'’ ")
    if whole := FLOAT.fullmatch(text):
        return whole[1]
    if found := SCIENTIFIC.fullmatch(text):
        decimals = found[2] or ""
        if len(decimals) < int(found[3]) and len(decimals) + 1 < SIGNIFICANT:
            raise Unclear("rounded")
        return format(Decimal(text.replace(",", ".")).to_integral_value(), "f")
    return text


def phone(cell: str, own_country: str | None, country: str | None, nationality: str | None) -> str | None:
    """E.164 or None. `own_country` is what the file says of the number itself, `country` of the person's stay.

    Spreadsheets drop the + of a number. Digits that are no number of the country of stay are therefore read once
    more with it, unless they would also be a number of the person's own country: then nobody can tell.
    """
    text = re.sub(r"^(tel|sms|whatsapp):", "", number_text(cell), flags=re.IGNORECASE)
    found = normalise_phone(text, own_country or country)
    digits = re.sub(r"[\s().-]", "", text)
    bare = digits.isdecimal() and len(digits) >= 11 and not digits.startswith("0")
    if found or own_country or not bare:
        return found
    abroad = _valid_abroad("+" + digits)
    if abroad and nationality and normalise_phone(digits, nationality) not in (None, abroad):
        raise Unclear("ambiguous")
    return abroad


def _valid_abroad(text: str) -> str | None:
    if text.startswith(NOBODY):
        return normalise_phone(text)
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    return normalise_phone(text) if phonenumbers.is_valid_number(number) else None


def flag(cell: str) -> bool:
    """Yes or no. Raises Unclear."""
    word = reduce(ascii_digits(cell)) or cell.strip()
    if word in YES or word in NO:
        return word in YES
    raise Unclear("flag")


def day(cell: str) -> date:
    """A date in any clear form. Raises Unclear: 03/04/2027 is April to some and March to others."""
    text = ascii_digits(cell).split("T")[0].split(" ")[0]
    year_first = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text)
    year_last = re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})", text)
    try:
        if year_first:
            return date(int(year_first[1]), int(year_first[2]), int(year_first[3]))
        if year_last:
            return _year_last(int(year_last[1]), int(year_last[3]), int(year_last[4]), year_last[2] == ".")
    except ValueError as error:
        raise error if isinstance(error, Unclear) else Unclear("date") from None
    raise Unclear("date")


def _year_last(first: int, second: int, year: int, dotted: bool) -> date:
    if dotted or first > 12 or first == second:
        return date(year, second, first)
    if second > 12:
        return date(year, first, second)
    raise Unclear("ambiguous_date")


@lru_cache(maxsize=4096)
def country(cell: str) -> str:
    """An alpha-2 code from a code or a name; the text itself where there is none."""
    text = cell.strip()
    if text.upper() in places.country_codes():
        return text.upper()
    return _country_names().get(reduce(text)) or places.normalise_country(text) or text


@lru_cache(maxsize=4096)
def language(cell: str) -> str:
    """A tag from a tag or a name; the text itself where there is none."""
    text = cell.strip()
    return _language_names().get(reduce(text)) or places.normalise_language(text) or text


def subdivision(cell: str, country: str) -> str:
    """An ISO 3166-2 code within a country, from a code or a name however accented; else the text itself."""
    text = ascii_digits(cell).strip()
    return (
        places.normalise_subdivision(text, country) or _subdivision_names(country).get(reduce(text)) or text
    )


@cache
def _subdivision_names(country: str) -> dict[str, str]:
    return {reduce(name): code for code, name in places.subdivisions(country).items()}


@cache
def _country_names() -> dict[str, str]:
    codes = places.country_codes()
    names = {
        reduce(name): code
        for tag in LANGUAGES
        for code, name in Locale.parse(tag).territories.items()
        if code in codes
    }
    others: dict[str, list[str]] = json.loads(OTHER_COUNTRIES.read_text("utf-8"))
    return names | {reduce(name): code for code, words in others.items() for name in words}


@cache
def _language_names() -> dict[str, str]:
    names = {
        reduce(name): code.replace("_", "-")
        for tag in LANGUAGES
        for code, name in Locale.parse(tag).languages.items()
        if code.isalpha() and len(code) <= 3
    }
    # الفرنسية is also written فرنسية and فرنسي
    arabic = {name for name in names if name.startswith("ال") and name.endswith("ية")}
    for name in arabic:
        names |= {
            name.removeprefix("ال"): names[name],
            name.removeprefix("ال").removesuffix("ة"): names[name],
        }
    own = {reduce(places.language_name(code)): code for code in set(names.values()) if len(code) == 2}
    return {word: code for word, code in {**own, **names}.items() if len(word) > 3}
