"""What people in a crisis lack, after the MICIC guidelines: two digits, so that no 1 or 2 is taken for them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from alerts.responses.models import ReachBy

NEEDS: Final = MappingProxyType(
    {
        "41": "hurt",
        "42": "no_food_or_water",
        "43": "papers",
        "44": "cannot_leave",
        "45": "child_alone",
        "46": "afraid_to_go_home",
        "47": "old",
        "48": "disabled",
        "49": "pregnant",
        "50": "other",
        "51": "unable_to_leave_country",
        "52": "unwilling_to_leave_country",
    }
)
"""Code → the word that a case keeps. None begins with 1 or 2, and none repeats a digit by which a thumb may slip."""
REACH: Final = MappingProxyType({"61": ReachBy.CALL, "62": ReachBy.TEXT, "63": ReachBy.NONE})
YES, NO = "71", "72"
CODES: Final = MappingProxyType({word: code for code, word in NEEDS.items()})
