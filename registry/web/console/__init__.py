"""The officers' console: its chrome, who may come in, and how a feature adds its pages."""

from registry.web.console.access import console_blueprint, current_officer, may, requires
from registry.web.console.navigation import NavItem

__all__ = ["NavItem", "console_blueprint", "current_officer", "may", "requires"]
