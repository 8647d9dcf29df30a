"""What is wrong with a composed alert, each thing by the name of its field on the page."""

from __future__ import annotations

from typing import Final

from alerts.lifecycle.console.fields import text_field
from alerts.lifecycle.console.words import tongue
from registry.errors import FieldError, Invalid
from registry.web.forms import Form

FIELDS: Final = {
    "type": ("type", "Kind of message"),
    "level": ("level", "Level"),
    "crisis": ("crisis", "What happened"),
    "severity": ("severity", "Severity"),
    "area.countries": ("countries", "Countries"),
    "area.subdivisions": ("regions", "Regions"),
    "filters.languages": ("languages", "Only people who want"),
    "filters.nationalities": ("nationalities", "Only nationals of"),
    "filters.reached_by": ("countries", "Those reached before"),
    "filters.kinds": ("kinds", "Only people who are"),
    "channels": ("channels", "Channels"),
    "expires_at": ("expires_in", "Holds until"),
    "next_update_at": ("next_update_in", "Next update"),
    "exercise": ("save", "Exercise"),
    "follows": ("follows", "Follows"),
    "texts": ("add_tag", "Texts"),
}
"""A service's field → the form's field that an error links to, and its name on the page."""
PARTS: Final = {"sms": "SMS", "subject": "Email subject", "body": "Email text"}


def take(form: Form, invalid: Invalid) -> None:
    """Note a service's errors in the form."""
    for error in invalid.errors:
        name, label = place_of(error)
        form.fail(name, f"{label}: {error.message}.")


def place_of(error: FieldError) -> tuple[str, str]:
    """The form's field that an error is about, and its name on the page."""
    head, *rest = error.field.split(".")
    if head == "texts" and len(rest) == 2 and rest[1] in PARTS:
        return text_field(rest[0], rest[1]), f"{PARTS[rest[1]]} in {tongue(rest[0])}"
    for path in (".".join([head, *rest[:1]]), head):
        if path in FIELDS:
            return FIELDS[path]
    return error.field, error.field
