"""Which of the languages that an alert speaks a person gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def pick_language(wanted: str, available: Iterable[str], default: str) -> str:
    """The best of the available tags for a person who wants `wanted` (BCP 47).

    The tag itself, then with fewer subtags (RFC 4647 §3.4), then another variant of the language, then the
    organisation's default, English, or whatever tag comes first. Raises ValueError when nothing is available.
    """
    return look_up(wanted, lookup_table(tuple(available), default))


def speaks(wanted: str, available: Iterable[str]) -> bool:
    """Whether the person's own language, in whatever variant, is among the available ones."""
    return base(wanted) in {base(tag) for tag in available}


def base(tag: str) -> str:
    """The language of a tag without script and territory."""
    return tag.partition("-")[0]


def lookup_table(available: tuple[str, ...], default: str) -> dict[str, str]:
    """From a tag to the tag of the text that it gets. "*" stands for all that are not there."""
    if not available:
        raise ValueError("no language has a text")
    available = tuple(sorted(available))  # the database doesn't keep the order in which texts were given
    table: dict[str, str] = {}
    for tag in available:
        table.setdefault(base(tag), tag)
        table.setdefault(tag.rpartition("-")[0] or tag, tag)
    table |= {tag: tag for tag in available}
    fallback = next((table[tag] for tag in (default, base(default), "en") if tag in table), available[0])
    return table | {"*": fallback}


def look_up(wanted: str, table: Mapping[str, str]) -> str:
    """The text's tag for a person's tag; `table` is from `lookup_table`."""
    for tag in (wanted, wanted.rpartition("-")[0], base(wanted)):
        if tag in table:
            return table[tag]
    return table["*"]
