"""Which translations a speaker has read and found right.

The catalogues say so with a flag of a text's own, `#, reviewed`, which whoever changes the text takes away.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from registry.i18n.catalogs import FOLDER
from registry.i18n.extraction import read, untranslated

FLAG = "reviewed"


@dataclass(frozen=True, slots=True)
class Review:
    """Counts of texts."""

    texts: int
    translated: int
    reviewed: int

    @property
    def whole(self) -> bool:
        """Nothing is missing, and a speaker has read everything."""
        return self.reviewed == self.texts


@cache
def review(language: str) -> Review:
    """Of the catalogue of a language; English is what the others are translated from."""
    path = FOLDER / f"{language}.po"
    if not path.exists():
        size = max((len(read(other)) for other in FOLDER.glob("*.po")), default=0)
        return Review(size, size, size)
    catalog = read(path)
    reviewed = sum(FLAG in message.flags for message in catalog if message.id)
    return Review(len(catalog), len(catalog) - len(untranslated(catalog)), reviewed)
