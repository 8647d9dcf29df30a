"""Phone numbers, email addresses, and how they are shown without being given away."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

NOBODY = "+999"
"""A country code that ITU-T has assigned to no one: demonstration numbers live here, and reach nobody."""

UNSEEN = re.compile("[\u200b\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
"""What telephones and mail programs put around an address so that it reads from left to right, copied along."""


def normalise_phone(text: str, country: str | None = None) -> str | None:
    """A phone number in E.164 (ITU-T), or None. Any script's digits are understood.

    A number without a country code is read as one of `country` (ISO 3166-1 alpha-2), where that is given by the person
    or the file; it is never guessed from a post. Such a number must be valid in that country's plan; one with its
    country code need only be possible, for number plans change faster than any list of them.
    """
    seen = UNSEEN.sub("", text)
    digits = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in seen).strip()
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith(NOBODY):
        compact = re.sub(r"[\s().-]", "", digits)
        return compact if re.fullmatch(r"\+999\d{6,12}", compact, re.ASCII) else None
    international = digits.startswith(("+", "＋"))
    try:
        number = phonenumbers.parse(digits, None if international else country, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not _is_dialled(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_dialled(number: phonenumbers.PhoneNumber) -> bool:
    """Whether it can be taken for a number of somebody."""
    if number.country_code_source == phonenumbers.CountryCodeSource.FROM_DEFAULT_COUNTRY:
        return phonenumbers.is_valid_number(number) or _is_fiction(number)
    whole = phonenumbers.ValidationResult.IS_POSSIBLE  # not "possible" as dialled within one town
    return phonenumbers.is_possible_number_with_reason(number) == whole


def _is_fiction(number: phonenumbers.PhoneNumber) -> bool:
    """Ofcom keeps these mobile numbers for films and tests; libphonenumber knows other states' only."""
    return number.country_code == 44 and (number.national_number or 0) // 1000 == 7700900


def normalise_email(text: str, *, local: bool = False) -> str | None:
    """An email address (RFC 5321, RFC 6531) in lower case, or None. Nothing is looked up.

    `local` also accepts hosts without a dot, for officers of a private network; RFC 2606's names are always accepted.
    """
    seen = UNSEEN.sub("", text).strip()
    reserved = local or seen.lower().endswith(".invalid")
    try:
        found = validate_email(
            seen,
            check_deliverability=False,
            test_environment=True,
            globally_deliverable=not reserved,
            strict=True,  # RFC 5321 §4.5.3.1.1: at most 64 octets before the @
        )
    except EmailNotValidError:
        return None
    return found.normalized.lower()


def country_of(phone: str) -> str | None:
    """The country (ISO 3166-1 alpha-2) in whose plan a number in E.164 lies, or None.

    In a plan that countries share, its own part of it, or the largest country's where the number is in nobody's.
    """
    regions = next(
        (found for end in (4, 3, 2) if (found := COUNTRY_CODE_TO_REGION_CODE.get(int(phone[1:end])))), ()
    )
    country = regions[0] if regions else None
    if len(regions) > 1:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(phone, None)) or country
    return country if country and country.isalpha() else None


def mask(address: str) -> str:
    """Enough to recognise one's own, too little to use: "+33 ••• ••56", "a•••@example.org"."""
    local, at, domain = address.partition("@")
    if at:
        return f"{local[:1]}•••@{domain}"
    return f"{address[:3]} ••• ••{address[-2:]}"
