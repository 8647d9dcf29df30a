"""What stands on a poster: where to join, and the number to text, both also as codes for a phone's camera."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

import phonenumbers
import segno

from alerts.conversation.texts import book, spoken
from registry.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Code:
    """An address that a phone's camera opens."""

    address: str

    @property
    def picture(self) -> str:
        """As a QR code (ISO/IEC 18004): SVG, to stand in the page."""
        made = segno.make(self.address, micro=False, error="m")
        return made.svg_inline(border=2, omitsize=True)  # white paper is the rest of its quiet zone


@dataclass(frozen=True, slots=True)
class Sheet:
    """One poster."""

    language: str
    page: Code
    shown: str
    """The address of joining as one types it."""
    message: Code | None
    """Opens a text message that joins; None where no number is known."""
    word: str
    number: str
    """As its country writes it."""


def make_sheet(base_url: str, number: str, organisation: Organisation, country: str, language: str) -> Sheet:
    """A poster for those who pass in a country; `number` is in E.164, or empty where none takes messages."""
    joining = f"{base_url}/register/{country}"
    query = urlencode({"lang": language, "with": organisation.public_id})
    word = book(spoken(language)).keywords["join"][0].upper()
    return Sheet(
        language=language,
        page=Code(f"{joining}?{query}"),
        shown=joining.partition("://")[2],
        message=Code(f"sms:{number}?body={quote(word)}") if number else None,  # RFC 5724
        word=word,
        number=_written(number) if number else "",
    )


def _written(number: str) -> str:
    """With spaces; numbers that reach nobody stay as they are."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
