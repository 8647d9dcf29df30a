"""The words that are somebody's own in an answer by mail, without what it quotes and how it is signed."""

from __future__ import annotations

import re

_HEADERS = re.compile(r"^\s*\*?(From|De|Von|Da|Van|Od|От|من|发件人)\s*\*?\s*[:：]", re.IGNORECASE)
_RULES = re.compile(r"^\s*(-{2,}.*-{2,}|_{8,}|-- ?|={8,})\s*$")
"""A line above a quoted mail, or above a signature (RFC 3676 §4.3)."""


def own_words(text: str) -> str:
    """What stands before the first quotation, and between quotations where an answer is written under them.

    A quotation is told by its marks (`>`), by the line that introduces it, by a rule, or by headers of another mail.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept: list[str] = []
    for number, line in enumerate(lines):
        if _RULES.match(line) or (_HEADERS.match(line) and _is_head(lines[number : number + 5])):
            break
        if line.lstrip().startswith((">", "＞")):
            _drop_introduction(kept)
            continue
        kept.append(line.strip())
    return "\n".join(kept).strip()


def _is_head(lines: list[str]) -> bool:
    """Several headers one under the other, and no sentence that begins like one."""
    return sum(bool(re.match(r"^\s*\*?[^\s:：][^:：]{0,20}[:：]\s?\S", line)) for line in lines) >= 3


def _drop_introduction(kept: list[str]) -> None:
    """ "On Monday Ana wrote:", in any language, over two lines at most: it ends in a colon and stands right above."""
    while kept and not kept[-1]:
        kept.pop()
    if kept and kept[-1].rstrip("\u200e\u200f\u202c ").endswith((":", "：", "ዦ፡", "：")):
        kept.pop()
        if kept and kept[-1] and not re.search(r"[.!?]$", kept[-1]) and len(kept[-1]) > 30:
            kept.pop()
