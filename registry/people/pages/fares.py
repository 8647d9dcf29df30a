"""Where codes that anybody may ask for are sent by SMS. Fraud asks for them by the thousand, to numbers that pay it."""

from __future__ import annotations

from collections.abc import Collection

import phonenumbers
from phonenumbers import PhoneNumberType

from registry.addresses import NOBODY

PAYING = {
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.UAN,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.PAGER,
    PhoneNumberType.VOICEMAIL,
}
"""Kinds of number (libphonenumber) that may earn their holder money by each message, or that are nobody's phone."""
NO_COUNTRY = "001"
"""libphonenumber's region of codes that no country has: satellites, international networks (ITU-T E.164.1)."""
BLOCK = 3
"""Last digits that a block of a thousand numbers leaves open: fraud uses numbers that follow each other."""


def takes_codes(address: str, countries: Collection[str]) -> bool:
    """Whether codes are sent to a phone number in E.164; `countries` (ISO 3166-1) are those allowed, none: all.

    It depends on the number alone and on nothing that the registry holds.
    """
    if address.startswith(NOBODY):
        return True
    number = phonenumbers.parse(address)
    region = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(
        number.country_code or 0
    )
    if region == NO_COUNTRY or phonenumbers.number_type(number) in PAYING:
        return False
    return not countries or region in countries


def block_of(address: str) -> str:
    """The thousand numbers to which one belongs."""
    return address[:-BLOCK]
