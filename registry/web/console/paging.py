"""Where a page of a long list begins: a sealed position in the address, as programs get it."""

from __future__ import annotations

from flask import request

from registry.api.pages import open_cursor
from registry.errors import Invalid
from registry.people.vault import Vault


def place_in(vault: Vault, name: str) -> int | None:
    """The number after which the page of `?after=` begins, sealed with `registry.api.pages.seal_cursor`; None at the
    beginning, also when the address was tampered with."""
    try:
        position = open_cursor(vault, name, request.args.get("after"))
    except Invalid:
        return None
    return int(position[0]) if position else None
