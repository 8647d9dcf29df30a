"""What services find wrong, in the language of the page."""

from __future__ import annotations

from registry.errors import FieldError
from registry.i18n import mark
from registry.web.language import current_language, gettext

BY_FIELD = {
    ("country", "required"): mark("Choose a country."),
    ("language", "required"): mark("Choose a language."),
    ("address", "required"): mark("Enter a phone number or an email address."),
    ("contacts", "required"): mark("Enter a phone number or an email address."),
    ("household_size", "range"): mark("Enter a whole number from 1 to 50."),
}
BY_CODE = {
    "required": mark("Fill in this field."),
    "length": mark("This is too long. Shorten it."),
    "characters": mark("This has characters that cannot be shown. Type it again."),
    "type": mark("This is not understood. Type it again."),
    "date": mark("Enter a real date: day, month and year."),
    "past": mark("This day is past. Leave it empty if you do not know when you will leave."),
    "order": mark("This date must not be before the first one."),
    "country": mark("Choose a country from the list."),
    "subdivision": mark("Choose a region from the list."),
    "language": mark("Choose a language from the list."),
    "channel": mark("Choose how we can reach you."),
    "phone": mark(
        "This is not a phone number of that country. Check it, or start with + and the country code."
    ),
    "email": mark("This is not an email address. It looks like name@example.org."),
    "repeated": mark("This is there already."),
    "range": mark("This number is too small or too large."),
}


def complaint(error: FieldError) -> str:
    """An error as a sentence; one that no catalogue has is shown as the service says it."""
    name = error.field.rpartition(".")[2]
    known = BY_FIELD.get((name, error.code)) or BY_CODE.get(error.code)
    return gettext(known) if known else error.message[:1].upper() + error.message[1:] + "."


def sentence(error: FieldError) -> str:
    """For officers: in English what the service says, which is exact; else the catalogue's sentence for its kind."""
    return f"{error.message}." if current_language() == "en" else complaint(error)


def whole_sentence(error: FieldError) -> str:
    """For officers, where no label stands before it."""
    words = sentence(error)
    return words[:1].upper() + words[1:]
