"""Cursor pages: `?limit=&after=` → {"items": [...], "next": ...}."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from pydantic import Field

from registry.api.schemas import Shown
from registry.crypto.keyring import Unreadable
from registry.errors import Invalid
from registry.people.vault import Vault

T = TypeVar("T")


class Page(Shown, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(description="`after` of the page that follows; null on the last.")


def seal_cursor(vault: Vault, name: str, *position: int | str) -> str:
    """Where a list goes on. Sealed, for a position may be a number that is never shown outside."""
    sealed = vault.keys.own.seal(json.dumps(position).encode(), b"cursor:" + name.encode())
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _number(row: Any) -> tuple[int]:
    return (row.id,)


def page_of(
    vault: Vault,
    name: str,
    found: Sequence[T],
    size: int,
    place: Callable[[T], tuple[int | str, ...]] = _number,
) -> tuple[Sequence[T], str | None]:
    """The first `size` of `size` + 1 rows that were asked for, and the cursor of what follows; None when that is all.

    `place` says where in the list a row stands, as `open_cursor` gives it back; by default by its `id` alone.
    """
    shown = found[:size]
    return shown, seal_cursor(vault, name, *place(shown[-1])) if len(found) > size else None


def open_cursor(vault: Vault, name: str, cursor: str | None) -> list[Any] | None:
    """The position that `seal_cursor` was given for this list; None at its beginning. Raises Invalid."""
    if cursor is None:
        return None
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        position: list[Any] = json.loads(vault.keys.own.open(sealed, b"cursor:" + name.encode()))
    except (ValueError, Unreadable):
        raise Invalid.one("after", "cursor", "is not the `next` of a page of this list") from None
    return position
