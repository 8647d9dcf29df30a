"""What waits for an officer: each feature that can say so adds its part of the list on the start page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from flask.sansio.app import App

from registry.database import Session
from registry.organisations.models import Officer

EXTENSION = "console_waiting"


class Task(NamedTuple):
    """Something to be done, and where."""

    text: str
    url: str
    urgent: bool = False


Find = Callable[[Session, Officer], Iterable[Task]]
"""What waits for this officer; the session is scoped to their organisation."""


def add_waiting(app: App, find: Find) -> None:
    """Let a feature say what waits."""
    app.extensions.setdefault(EXTENSION, []).append(find)


def waiting_for(app: App, session: Session, officer: Officer) -> list[Task]:
    """All of it, the urgent first."""
    finders: list[Find] = app.extensions.get(EXTENSION, [])
    found = [task for find in finders for task in find(session, officer)]
    return sorted(found, key=lambda task: not task.urgent)
