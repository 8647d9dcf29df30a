"""The officers' console: its chrome, who may come in, and how a feature adds its pages."""

from registry.web.console.access import (
    Step,
    console_blueprint,
    current_officer,
    current_sign_in,
    may,
    requires,
)
from registry.web.console.navigation import ORGANISATION, NavItem

__all__ = [
    "ORGANISATION",
    "NavItem",
    "Step",
    "console_blueprint",
    "current_officer",
    "current_sign_in",
    "may",
    "requires",
]
