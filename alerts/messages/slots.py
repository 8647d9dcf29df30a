"""Whether texts are ready ones with nothing but their slots filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from alerts.messages.checks import BLANKS

LONGEST = 40
"""Characters in a slot: a name, a time, a number. More could say another thing."""
_FILLING = r"(?:(?<=\d)\.(?=\d)|[^\W_]|[\u0300-\u036f\u064b-\u0652]|[ ,'’()+:\-–#،]){1," + str(LONGEST) + "}"
"""Letters, digits and what stands in names, times and numbers; no sentence, no web address."""

Texts = Mapping[str, Mapping[str, str]]


def is_filled_from(texts: Texts, ready: Texts) -> bool:
    """Whether each text is the ready one in its language, word for word but for the slots."""
    return bool(texts) and all(
        tag in ready and part in ready[tag] and _pattern(ready[tag][part]).fullmatch(words) is not None
        for tag, parts in texts.items()
        for part, words in parts.items()
    )


@cache
def _pattern(ready: str) -> re.Pattern[str]:
    """A slot that stands twice is filled alike."""
    seen: set[str] = set()

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name in seen:
            return f"(?P={name})"
        seen.add(name)
        return f"(?P<{name}>{_FILLING})"

    return re.compile(re.sub(r"\\\{(" + "|".join(BLANKS) + r")\\\}", fill, re.escape(ready)))
