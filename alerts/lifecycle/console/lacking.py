"""What a composed alert still lacks, before anybody asks to save it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alerts.lifecycle.console.complaints import place_of
from alerts.lifecycle.console.fields import data_of, texts_of
from alerts.lifecycle.intake import read_alert
from alerts.messages.checks import check_filled
from registry.errors import Invalid
from registry.web.complaints import sentence
from registry.web.forms import Form


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that keeps an alert from being sent."""

    field: str
    """The form's field, which a link may lead to."""
    label: str
    sentence: str | None
    """What is wrong with it; None where it is simply not there."""


def lacking(form: Form) -> list[Lack]:
    """At most one thing for each field, in the order of the form's checks."""
    data, texts = data_of(form), texts_of(form)
    found: dict[str, Lack] = {}
    checks: tuple[Callable[[], Any], ...] = (lambda: read_alert(data), lambda: check_filled(texts))
    for check in checks:
        try:
            check()
        except Invalid as invalid:
            for error in invalid.errors:
                name, label = place_of(error)
                words = None if error.code == "required" else sentence(error)
                found.setdefault(name, Lack(name, label, words))
    return list(found.values())
