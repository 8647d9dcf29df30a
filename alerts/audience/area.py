"""Which subdivisions an area means. ISO 3166-2 nests them, and people name theirs more or less finely."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import pycountry

_SUBDIVISIONS: Final[Any] = pycountry.subdivisions


def within_or_around(codes: Iterable[str]) -> frozenset[str]:
    """The subdivisions themselves, all that lie in them, and those that they lie in.

    Someone registered in a region may well be in the named province of it: they are not left out.
    """
    named = frozenset(codes)
    inside = frozenset(code for country in {code[:2] for code in named} for code in _inside(country, named))
    return named | inside | around(named)


def around(codes: Iterable[str]) -> frozenset[str]:
    """The subdivisions that these lie in, themselves not counted."""
    named = frozenset(codes)
    return frozenset(above for code in named for above in _above(code)) - named


def _inside(country: str, named: frozenset[str]) -> Iterable[str]:
    found = _SUBDIVISIONS.get(country_code=country) or ()
    return (item.code for item in found if not named.isdisjoint(_above(item.code)))


@cache
def _above(code: str) -> tuple[str, ...]:
    above: list[str] = []
    item = _SUBDIVISIONS.get(code=code)
    while item is not None and item.parent_code and item.parent_code not in above:
        above.append(item.parent_code)
        item = _SUBDIVISIONS.get(code=item.parent_code)
    return tuple(above)
