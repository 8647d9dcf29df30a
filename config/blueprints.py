"""Which blueprints the application has."""

from __future__ import annotations

from apiflask import APIFlask
from flask_wtf.csrf import CSRFProtect


def register(app: APIFlask, csrf: CSRFProtect) -> None:
    """Pages for people and officers, the API, and the webhooks; those that carry no cookie need no CSRF token."""
