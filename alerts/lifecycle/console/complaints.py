"""What is wrong with a composed alert, each thing by the name of its field on the page."""

from __future__ import annotations

from typing import Final

from alerts.lifecycle.console.fields import text_field
from alerts.lifecycle.console.words import tongue
from registry.errors import FieldError, Invalid
from registry.i18n import mark
from registry.web.complaints import sentence
from registry.web.forms import Form
from registry.web.language import gettext

FIELDS: Final = {
    "type": ("type", mark("Kind of message")),
    "level": ("level", mark("Level")),
    "crisis": ("crisis", mark("What happened")),
    "severity": ("severity", mark("Severity")),
    "area.countries": ("countries", mark("Countries")),
    "area.subdivisions": ("regions", mark("Regions")),
    "filters.languages": ("languages", mark("Only people who want")),
    "filters.nationalities": ("nationalities", mark("Only nationals of")),
    "filters.reached_by": ("countries", mark("Those reached before")),
    "filters.kinds": ("kinds", mark("Only people who are")),
    "channels": ("channels", mark("Channels")),
    "expires_at": ("expires_in", mark("Holds until")),
    "next_update_at": ("next_update_in", mark("Next update")),
    "exercise": ("save", mark("Exercise")),
    "follows": ("follows", mark("Follows")),
    "texts": ("add_tag", mark("Texts")),
}
"""A service's field → the form's field that an error links to, and its name on the page."""
PARTS: Final = {"sms": mark("SMS"), "subject": mark("Email subject"), "body": mark("Email text")}


def take(form: Form, invalid: Invalid) -> None:
    """Note a service's errors in the form."""
    for error in invalid.errors:
        name, label = place_of(error)
        form.fail(name, f"{label}: {sentence(error)}")


def place_of(error: FieldError) -> tuple[str, str]:
    """The form's field that an error is about, and its name on the page."""
    head, *rest = error.field.split(".")
    if head == "texts" and len(rest) == 2 and rest[1] in PARTS:
        part = gettext(PARTS[rest[1]])
        label = gettext("%(part)s in %(language)s", part=part, language=tongue(rest[0]))
        return text_field(rest[0], rest[1]), label
    for path in (".".join([head, *rest[:1]]), head):
        if path in FIELDS:
            name, label = FIELDS[path]
            return name, gettext(label)
    return error.field, error.field
