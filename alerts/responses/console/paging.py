"""Where a list of answers goes on."""

from __future__ import annotations

from flask import request

from registry.api.pages import open_cursor
from registry.errors import Invalid, NotFound
from registry.people.vault import Vault

PAGE = 50


def position(vault: Vault, name: str) -> int:
    """The number after which the page begins; 0 for the first. Raises NotFound for a cursor that isn't ours."""
    try:
        found = open_cursor(vault, name, request.args.get("after"))
    except Invalid:
        raise NotFound from None
    return int(found[0]) if found else 0
