"""Phone numbers and email addresses that can reach nobody.

Phones come from what numbering authorities keep for fiction, and from +999, which ITU-T has assigned to no one;
emails from RFC 2606's example domains.
"""

from __future__ import annotations

from random import Random
from typing import Final

from registry.addresses import NOBODY

AREAS: Final = ("202", "212", "213", "305", "312", "404", "415", "416", "514", "604", "617", "713")
FICTION: Final = 0.12
"""Share of phones from the ranges for fiction; they are small."""
SCRAMBLE: Final = 6_180_339_887
"""Prime to ten, so that different people get different numbers."""
DOMAINS: Final = ("example.org", "example.com", "example.net")
WORDS: Final = (
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbour", "island", "juniper", "kestrel",
    "lantern", "meadow", "north", "orchard", "poplar", "quarry", "river", "saffron", "tamarind", "valley", "willow",
)  # fmt: skip


def nobodys_phone(number: int) -> str:
    """The phone of person `number`: +999 and ten digits, each person's own."""
    return f"{NOBODY}{number * SCRAMBLE % 10**10:010d}"


def fictional_phone(rng: Random) -> str | None:
    """Now and then, a number that a country keeps for films and books; others may have it already."""
    if rng.random() >= FICTION:
        return None
    kind = rng.randrange(3)
    if kind == 0:  # Ofcom: mobile numbers for drama use
        return f"+447700900{rng.randrange(1000):03d}"
    if kind == 1:  # ARCEP: numbers for audiovisual works
        return f"+3363998{rng.randrange(10_000):04d}"
    return f"+1{rng.choice(AREAS)}55501{rng.randrange(100):02d}"  # North American plan: 555-0100 to 555-0199


def email(rng: Random, number: int) -> str:
    """An address of person `number`, each person's own."""
    return f"{rng.choice(WORDS)}.{rng.choice(WORDS)}.{number}@{rng.choice(DOMAINS)}"
