"""Arrays as PostgreSQL writes them (manual §8.15.6): the driver takes ten times as long over a list."""

from __future__ import annotations

from collections.abc import Iterable


def array_literal(values: Iterable[object]) -> str:
    """The literal of a one-dimensional array, to be cast to its type in the statement; None becomes NULL.

    An array of nothing but NULL comes out empty: `unnest` over several arrays fills the shorter ones with NULL.
    """
    found = list(values)
    return "{" + ",".join(map(_element, found)) + "}" if any(one is not None for one in found) else "{}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(int(value))
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
