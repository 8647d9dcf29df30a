"""Where an officer wanted to go before a page came in between."""

from __future__ import annotations

import re

from flask import request, url_for

INSIDE = re.compile(r"/console(/[A-Za-z0-9_-]+)*/?")


def wanted() -> str | None:
    """The page of `?next=`: only ever one of the console."""
    address = request.args.get("next", "")
    return address if INSIDE.fullmatch(address) else None


def wanted_or_home() -> str:
    """It, else the start page."""
    return wanted() or url_for("home.index")
