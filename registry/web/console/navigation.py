"""The console's menu: each feature adds its own entry, and entries of one subject stand together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from flask import url_for
from flask.sansio.app import App

from registry.i18n import mark
from registry.organisations.models import Role

EXTENSION = "console_nav"
ORGANISATION = mark("Organisation")
"""The group of what administrators and auditors look after."""


class NavItem(NamedTuple):
    """An entry of the menu, shown to officers with one of `roles`; to every officer when there are none.

    Entries stand in the order of `weight`: 10 home, 20 alerts, 30 cases, 40 people, 50 imports, 90 sandbox. The first
    row of the menu names the groups, the second one what else is in the group that one is in.
    """

    label: str
    endpoint: str
    roles: tuple[Role, ...] = ()
    weight: int = 60
    group: str = ""
    """The label of its group; by default its own. Entries of one group have weights next to each other."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a row: a label to be translated, and where it leads."""

    label: str
    endpoint: str
    current: str | None
    """ARIA's word: "page" for the page's own entry, "true" for its group, else None."""


@dataclass(frozen=True, slots=True)
class Menu:
    """The two rows, as one officer sees them on one page."""

    groups: Sequence[Entry] = ()
    inside: Sequence[Entry] = ()


def add_items(app: App, new: tuple[NavItem, ...]) -> None:
    """Add entries to an application's menu."""
    items: list[NavItem] = app.extensions.setdefault(EXTENSION, [])
    items.extend(new)
    items.sort(key=lambda entry: entry.weight)


def menu_for(app: App, roles: frozenset[str], blueprint: str | None, path: str) -> Menu:
    """The entries that an officer with these roles sees on the page of a blueprint at a path."""
    items: list[NavItem] = app.extensions.get(EXTENSION, [])
    seen = [item for item in items if not item.roles or roles.intersection(item.roles)]
    here = _item_of(seen, blueprint, path)
    groups: list[Entry] = []
    inside: list[Entry] = []
    for name, found in groupby(seen, lambda item: item.group or item.label):
        members, current = list(found), None
        if here in members:
            current = "page" if here and here.label == name else "true"
            others = (member for member in members if member.label != name)
            inside = [Entry(one.label, one.endpoint, "page" if one == here else None) for one in others]
        groups.append(Entry(name, members[0].endpoint, current))
    return Menu(groups, inside)


def _item_of(items: Sequence[NavItem], blueprint: str | None, path: str) -> NavItem | None:
    """The entry that a page belongs to: its blueprint's, or of several that under whose address the page stands."""
    alike = [item for item in items if item.endpoint.rpartition(".")[0] == blueprint]
    if len(alike) > 1:
        alike = [item for item in alike if path.startswith(url_for(item.endpoint))]
    return alike[0] if alike else None
