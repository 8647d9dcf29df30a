"""Reading the officer's forms about a person, by the rules that hold for everyone."""

from __future__ import annotations

from typing import Any

from registry.checking import Checker
from registry.errors import Invalid
from registry.people.changes import read_changes
from registry.people.intake import (
    Intake,
    NewContact,
    NewStay,
    earliest_today,
    read_contact,
    read_person,
    read_stay,
)
from registry.web.forms import Form

DETAILS = ("language", "name", "nationality", "kind", "household_size")
STAY = ("country", "subdivision", "place", "from", "until")


def read_new(form: Form) -> Intake | None:
    """A whole person; None with the errors noted in the form."""
    contacts, fields = _contacts(form)
    data = {
        **{name: form.value(name) for name in DETAILS},
        "quiet": form.chosen("quiet", "yes"),
        "contacts": contacts,
        "stays": [{name: form.value(name) for name in STAY}],
    }
    names = {f"stays.0.{name}": name for name in STAY} | {"contacts": "phone"}
    names |= {f"contacts.{place}.address": field for place, field in enumerate(fields)}
    names |= {f"contacts.{place}.country": "phone_country" for place in range(len(fields))}
    try:
        return read_person(data, since=earliest_today())
    except Invalid as invalid:
        form.take(invalid, names)
        return None


def read_details(form: Form) -> dict[str, Any] | None:
    """The fields of `people`; None with the errors noted in the form."""
    data: dict[str, Any] = {name: form.value(name) for name in DETAILS}
    try:
        return read_changes(data | {"quiet": form.chosen("quiet", "yes")})
    except Invalid as invalid:
        form.take(invalid)
        return None


def read_new_contact(form: Form) -> NewContact | None:
    """One contact point; None with the errors noted in the form."""
    check = Checker()
    contacts, fields = _contacts(form)
    if not contacts:
        check.fail("contacts", "required", "")
        fields = ["phone"]
    found = read_contact(check, contacts[0], "contact") if contacts else None
    return (
        found
        if _noted(
            check,
            form,
            {"contact.address": fields[0], "contact.country": "phone_country", "contacts": "phone"},
        )
        else None
    )


def read_new_stay(form: Form) -> NewStay | None:
    """One stay; None with the errors noted in the form."""
    check = Checker()
    found = read_stay(check, {name: form.value(name) for name in STAY}, "stay", since=earliest_today())
    return found if _noted(check, form, {f"stay.{name}": name for name in STAY}) else None


def _noted(check: Checker, form: Form, names: dict[str, str]) -> bool:
    try:
        check.done()
    except Invalid as invalid:
        form.take(invalid, names)
        return False
    return True


def _contacts(form: Form) -> tuple[list[dict[str, str]], list[str]]:
    """The contacts given, and the form's field for each."""
    phone, email = form.value("phone").strip(), form.value("email").strip()
    contacts, fields = [], []
    if phone:
        contacts.append({"channel": "sms", "address": phone, "country": form.value("phone_country")})
        fields.append("phone")
    if email:
        contacts.append({"channel": "email", "address": email})
        fields.append("email")
    return contacts, fields
