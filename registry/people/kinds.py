"""Kinds of people that the public page offers; an organisation may use words of its own beside them."""

from __future__ import annotations

from registry.i18n import mark

KINDS = {
    "worker": mark("Worker"),
    "domestic_worker": mark("Worker in a household"),
    "seafarer": mark("Seafarer"),
    "student": mark("Student"),
    "family": mark("With my family"),
    "visitor": mark("Visitor or tourist"),
    "aid_worker": mark("Aid worker or volunteer"),
    "other": mark("Something else"),
}
