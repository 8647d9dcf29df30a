"""The console's menu: each feature adds its own entry."""

from __future__ import annotations

from typing import NamedTuple

from flask.sansio.app import App

from registry.organisations.models import Role

EXTENSION = "console_nav"


class NavItem(NamedTuple):
    """An entry of the menu, shown to officers with one of `roles`; to every officer when there are none.

    Entries stand in the order of `weight`: 10 home, 20 alerts, 30 cases, 40 people, 50 imports, 90 sandbox.
    """

    label: str
    endpoint: str
    roles: tuple[Role, ...] = ()
    weight: int = 60


def add_items(app: App, new: tuple[NavItem, ...]) -> None:
    """Add entries to an application's menu."""
    items: list[NavItem] = app.extensions.setdefault(EXTENSION, [])
    items.extend(new)
    items.sort(key=lambda entry: entry.weight)


def nav_for(app: App, roles: frozenset[str]) -> list[NavItem]:
    """The entries that an officer with these roles sees."""
    items: list[NavItem] = app.extensions.get(EXTENSION, [])
    return [item for item in items if not item.roles or roles.intersection(item.roles)]
