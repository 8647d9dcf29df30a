"""The XML inside a workbook, as events, without document types and so without entities of its own making."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar
from xml.parsers import expat

from registry.imports.tables import unreadable


class Handler(Protocol):
    """Receives elements by their local names; `text` comes whole."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Text between elements."""


Handled = TypeVar("Handled", bound=Handler)


def events(chunks: Iterable[bytes], handler: Handler) -> Iterator[None]:
    """Feed chunks to a handler, one for each step. Raises Invalid on what isn't well-formed."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, attributes: handler.start(_local(name), attributes)
    parser.EndElementHandler = lambda name: handler.end(_local(name))
    parser.CharacterDataHandler = handler.text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise unreadable("damaged", "is damaged, or not an Excel workbook") from None
    yield


def parse(chunks: Iterable[bytes], handler: Handled) -> Handled:
    """Feed all chunks and return the handler."""
    for _ in events(chunks, handler):
        pass
    return handler


class Elements:
    """Keeps the attributes of some elements, by local names."""

    LIMIT = 70_000

    def __init__(self, *names: str) -> None:
        self.names = frozenset(names)
        self.found: list[tuple[str, dict[str, str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Keep it, if it is one of those."""
        if name in self.names and len(self.found) < self.LIMIT:
            self.found.append((name, {_local(key): value for key, value in attributes.items()}))

    def end(self, name: str) -> None:
        """Nothing to do."""

    def text(self, data: str) -> None:
        """Nothing to do."""


def whole(text: str) -> int:
    """A small whole number, or 0: an attribute may hold anything."""
    return int(text) if len(text) <= 7 and text.isdecimal() else 0


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse(*_: object) -> None:
    raise unreadable("damaged", "holds a document type, which no Excel workbook has")
