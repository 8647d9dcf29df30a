"""Reading the fields of `_contact.html`: a phone number with its country, or an email address."""

from __future__ import annotations

from typing import Any

from registry.checking import Checker
from registry.errors import Invalid
from registry.people.intake import NewContact, read_contact
from registry.people.pages.guards import takes_codes
from registry.web.forms import Form
from registry.web.language import gettext

NAMES = {
    "contacts": "phone",
    "contact.channel": "channel",
    "contacts.0.channel": "channel",
    "contact.country": "phone_country",
    "contacts.0.country": "phone_country",
}
"""The form's names for the paths of an intake; `address` depends on the channel."""


def given_contact(form: Form) -> dict[str, Any]:
    """The contact in the shape of an intake. Where only the other field is filled, that one counts."""
    phone, email = form.value("phone").strip(), form.value("email").strip()
    by_email = form.value("channel") == "email"
    if email and not phone:
        by_email = True
    elif phone and not email:
        by_email = False
    if by_email:
        return {"channel": "email", "address": email}
    return {"channel": "sms", "address": phone, "country": form.value("phone_country")}


def names_for(contact: dict[str, Any]) -> dict[str, str]:
    """The form's names for an intake's paths, given what was chosen."""
    field = "email" if contact["channel"] == "email" else "phone"
    return {**NAMES, "contacts.0.address": field, "contact.address": field}


def read_contact_form(form: Form) -> NewContact | None:
    """The contact in normal form; None with the errors noted in the form."""
    given, check = given_contact(form), Checker()
    contact = read_contact(check, given, "contact")
    try:
        check.done()
    except Invalid as invalid:
        form.take(invalid, names_for(given))
        return None
    return contact if contact and can_be_told(form, contact.address) else None


def can_be_told(form: Form, address: str) -> bool:
    """Whether codes are sent to such an address; where they aren't, the form says so."""
    if takes_codes(address):
        return True
    form.fail(
        "phone", gettext("We can't send codes to this kind of number. Give another one, or an email address.")
    )
    return False


def blank_contact(country: str | None = None) -> dict[str, str]:
    """What the fields hold at first: a phone of this country."""
    return {"channel": "sms", "phone_country": country or ""}
