"""Which of a workbook's cell styles show a number as a date (ECMA-376 §18.8)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from registry.imports.xml import parse, whole

BUILT_IN = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


def date_styles(chunks: Iterable[bytes]) -> frozenset[int]:
    """The indexes of `cellXfs` whose number format is one of dates."""
    styles = parse(chunks, _Styles())
    custom = {
        number for number, code in styles.formats.items() if re.search("[dy]", LITERALS.sub("", code), re.I)
    }
    return frozenset(index for index, number in enumerate(styles.cells) if number in BUILT_IN | custom)


class _Styles:
    def __init__(self) -> None:
        self.formats: dict[int, str] = {}
        self.cells: list[int] = []
        self._inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "cellXfs":
            self._inside = True
        elif name == "numFmt":
            self.formats[whole(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")
        elif name == "xf" and self._inside and len(self.cells) < 70_000:
            self.cells.append(whole(attributes.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False

    def text(self, data: str) -> None:
        pass
