"""How urgent a case is, by one rule that is shown beside it, and when something must have been done.

1 is life and limb: somebody hurt or ill, a child alone, somebody who can't get out. 2 is today: no food or water, no
shelter, afraid to go home, old, disabled or pregnant; and whoever hasn't said what they need, for that may be the
worst. 3 is what can wait a day: papers, other wants, cases of exercises. An officer may say otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from types import MappingProxyType
from typing import Final

URGENT: Final = frozenset({"medical", "hurt", "ill", "injured", "child_alone", "trapped", "cannot_leave"})
LATER: Final = frozenset(
    {"papers", "documents", "money", "information", "other", "unwilling_to_leave_country"}
)
WITHIN: Final = MappingProxyType({1: timedelta(hours=1), 2: timedelta(hours=4), 3: timedelta(hours=24)})
"""After it was opened, or its priority rose."""


def priority_of(needs: Collection[str], *, exercise: bool = False) -> int:
    """1, 2 or 3, by what is needed; the gravest of several needs counts."""
    if exercise:
        return 3
    if URGENT.intersection(needs):
        return 1
    return 3 if needs and LATER.issuperset(needs) else 2
