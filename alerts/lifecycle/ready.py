"""Ready texts for the common crises, in every language that we speak, kept as data beside this module."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alerts.lifecycle.models import AlertType, Level, Severity
from registry.errors import NotFound

FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Template:
    """A start for a draft. Its blanks, in braces, are to be filled in before it is submitted."""

    id: str
    title: str
    type: AlertType
    crisis: str
    level: Level
    severity: Severity
    texts: dict[str, dict[str, str]]
    """By language: {"sms": ..., "subject": ..., "body": ...}."""
    reviewed: tuple[str, ...]
    """The languages whose text a speaker has read and found right."""


@cache
def list_templates() -> tuple[Template, ...]:
    """All of them, by title."""
    return tuple(sorted(map(_read, FOLDER.glob("*.json")), key=lambda template: template.title))


def get_template(template_id: str) -> Template:
    """By id, such as "earthquake". Raises NotFound."""
    for template in list_templates():
        if template.id == template_id:
            return template
    raise NotFound


def _read(path: Path) -> Template:
    data = json.loads(path.read_text(encoding="utf-8"))
    return Template(
        data["id"],
        data["title"],
        AlertType(data["type"]),
        data["crisis"],
        Level(data["level"]),
        Severity(data["severity"]),
        data["texts"],
        tuple(data.get("reviewed", ())),
    )
