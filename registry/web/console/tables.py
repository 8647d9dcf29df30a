"""Rows of a table that a narrow screen can show as a list: each cell carries its column's head."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

START = re.compile(r"<(tr|td|th)\b")


def labelled(rows: Markup, heads: Sequence[str]) -> Markup:
    """The rows, with the head of its column in each cell's `data-label`; a cell may span no columns."""
    column = 0

    def label(tag: re.Match[str]) -> str:
        nonlocal column
        if tag[1] == "tr":
            column = 0
            return tag[0]
        head = heads[column] if column < len(heads) else ""
        column += 1
        return f'{tag[0]} data-label="{escape(head)}"' if head else tag[0]

    return Markup(START.sub(label, rows))  # noqa: S704 - the rows are a template's own, heads are escaped
