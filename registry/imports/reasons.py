"""Why a row can't be saved, in words that say what to do."""

from __future__ import annotations

NAMES = {
    "phone": "phone number",
    "phone_country": "country of the phone number",
    "email": "email address",
    "country": "country",
    "subdivision": "region",
    "place": "place",
    "language": "language",
    "name": "name",
    "given_name": "given name",
    "family_name": "family name",
    "nationality": "nationality",
    "from": "start date",
    "until": "end date",
    "household_size": "household size",
    "kind": "kind",
    "quiet": "quiet mode",
    "contacts": "contacts",
}
WHOLE = {
    "contacts:two_people": "The phone number and the email address belong to two different people.",
    "contacts:shredded": "This person is registered, and the key of their post was shredded.",
    "contacts:length": "There are more than ten contacts.",
    "phone:required": "There is neither a phone number nor an email address.",
    "phone:phone": "The phone number is not valid. Write it with + and the country code.",
    "phone:rounded": "The spreadsheet has rounded the phone number and lost digits. Format the column as text.",
    "phone:ambiguous": "The phone number fits two countries. Write it with + and the country code.",
    "email:email": "The email address is not valid.",
    "country:required": "There is no country.",
    "language:required": "There is no language.",
    "subdivision:subdivision": "The region is not one of that country in ISO 3166-2.",
    "until:order": "The end date is before the start date.",
    "household_size:range": "The household size must be a whole number from 1 to 50.",
    "kind:characters": "The kind must be a short word such as worker or student.",
}
ENDINGS = {
    "formula": "is a formula without a result, or an error of the spreadsheet. Paste the value.",
    "ambiguous_date": "can be read in two ways. Write dates as 2027-01-31.",
    "date": "is not a date. Write dates as 2027-01-31.",
    "flag": "must be yes or no.",
    "country": "is not a known country. Write its name or its code, such as SY.",
    "language": "is not a known language.",
    "length": "is too long.",
    "characters": "holds characters that can't be shown.",
    "rounded": "was rounded by the spreadsheet. Format the column as text.",
    "repeated": "is given twice.",
}


def reason(code: str) -> str:
    """A code such as "phone:phone" as an English sentence."""
    column, _, what = code.partition(":")
    if code in WHOLE:
        return WHOLE[code]
    return f"The {NAMES.get(column, column)} {ENDINGS.get(what, 'is not valid.')}"
