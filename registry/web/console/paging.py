"""Where a page of a long list begins: a sealed position in the address, as programs get it."""

from __future__ import annotations

from typing import Any

from flask import request

from registry.api.pages import open_cursor
from registry.errors import Invalid, NotFound
from registry.people.vault import Vault


def exact_place_in(vault: Vault, name: str) -> tuple[Any, ...] | None:
    """Where the page of `?after=` begins, as `seal_cursor` was given it; None at the beginning. Raises NotFound
    when the address was tampered with."""
    try:
        place = open_cursor(vault, name, request.args.get("after"))
    except Invalid:
        raise NotFound from None
    return tuple(place) if place else None


def place_in(vault: Vault, name: str) -> int | None:
    """The number after which the page of `?after=` begins, sealed with `registry.api.pages.seal_cursor`; None at the
    beginning, also when the address was tampered with."""
    try:
        position = open_cursor(vault, name, request.args.get("after"))
    except Invalid:
        return None
    return int(position[0]) if position else None
