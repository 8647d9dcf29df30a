"""The table of texts that a workbook's cells point into (ECMA-376 §18.4)."""

from __future__ import annotations

from array import array

from registry.imports.tables import MAX_CELL, unreadable

MAX_BYTES = 100 * 1024 * 1024


class SharedStrings:
    """All texts in one block of memory with their offsets: a fifth of what a list of strings takes."""

    def __init__(self) -> None:
        self._block = bytearray()
        self._ends = array("Q")
        self._parts: list[str] = []
        self._reading = False
        self._phonetic = False

    def __getitem__(self, index: int) -> str:
        start = self._ends[index - 1] if index else 0
        return self._block[start : self._ends[index]].decode()

    def __len__(self) -> int:
        return len(self._ends)

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        """Text counts inside `t`, unless it tells how to pronounce (`rPh`)."""
        if name == "t":
            self._reading = not self._phonetic
        elif name == "rPh":
            self._phonetic = True

    def end(self, name: str) -> None:
        """An `si` is one entry, of one or more runs."""
        if name == "t":
            self._reading = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self._block += "".join(self._parts)[:MAX_CELL].encode("utf-8", "replace")
            self._ends.append(len(self._block))
            self._parts.clear()
            if len(self._block) > MAX_BYTES:
                raise unreadable("size", "holds more text than this service reads; split it")

    def text(self, data: str) -> None:
        """Text of the current entry."""
        if self._reading and len(self._parts) < MAX_CELL:
            self._parts.append(data)
