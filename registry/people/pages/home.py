"""The first page: what this is, in plain words."""

from __future__ import annotations

from flask import render_template

from registry.database import unscoped
from registry.organisations.services import listed
from registry.people.pages.blueprint import people_pages

MOST_NAMED = 12


@people_pages.get("/")
def home() -> str:
    """What it is, how to join, how to stop, who runs it."""
    with unscoped() as session:
        organisations = listed(session, MOST_NAMED)
    return render_template("people/home.html", organisations=organisations)
