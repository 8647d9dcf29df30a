"""Roles in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from registry.i18n import mark
from registry.organisations.models import Role
from registry.web.language import gettext

ROLES: Final = MappingProxyType(
    {
        Role.REGISTRAR: (mark("Registrar"), mark("Finds, adds and changes people")),
        Role.AUTHOR: (mark("Author"), mark("Composes alerts")),
        Role.APPROVER: (mark("Approver"), mark("Approves what others composed")),
        Role.CASE_WORKER: (mark("Case worker"), mark("Helps those who asked for it")),
        Role.AUDITOR: (mark("Auditor"), mark("Reads the audit log")),
        Role.ADMINISTRATOR: (mark("Administrator"), mark("Manages officers and posts")),
    }
)
"""What each is called, and does."""


def role_names(roles: Iterable[str]) -> str:
    """In one line: "author, case worker"."""
    return ", ".join(gettext(ROLES[Role(role)][0]).lower() for role in roles)


def role_choices() -> list[tuple[str, str, str]]:
    """To choose from: value, name, explanation."""
    return [(role.value, gettext(name), gettext(what)) for role, (name, what) in ROLES.items()]
