"""Which texts the catalogues must hold, read from code and templates.

`python -m registry.i18n.extraction` adds those that are missing to every catalogue, untranslated, and removes those
that nothing uses any more. A new language begins as an empty file `po/TAG.po`. What only officers read (in folders
named `console`, the sandbox, and modules named `telling`) has catalogues of its own, `po/console/TAG.po`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from registry.i18n.catalogs import CONSOLE, FOLDER

ROOT = Path(__file__).parents[2]
PACKAGES = ("registry", "alerts", "workers", "config")
SINGLE, PLURAL = ("_", "gettext", "mark"), "ngettext"
FOR_OFFICERS = {"console", "sandbox", "telling.py"}
"""Folders, and what holds the words of mails to officers."""
LABELLED = "NavItem"
"""Its first argument is a text."""
CALLS = re.compile(rf"\b({'|'.join((*SINGLE, PLURAL, LABELLED))})\(".encode())
"""Most files of code have none."""
KEPT = ("reviewed",)
"""See `registry.i18n.reviews`."""
WIDTH = 110
NOISE = (
    b'"POT-Creation', b'"PO-Revision', b'"Last-Tr', b'"Language-Team', b'"Report-', b'"Generated-By', b'"Project-Id',
)  # fmt: skip

Text = str | tuple[str, str]


def sources(*, officers: bool = False) -> Iterator[Path]:
    """All code and templates that speak to people, or to officers only."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            template = path.suffix in {".html", ".txt"} and "templates" in path.parts
            inside = bool(FOR_OFFICERS & set(path.relative_to(ROOT).parts))
            if (template or path.suffix == ".py") and inside is officers:
                yield path


def texts(*, officers: bool = False) -> dict[Text, list[str]]:
    """Every text, or (singular, plural), with the files that use it: people's, or those that only officers read."""
    if not officers:
        return _used(officers=False)
    return {text: used for text, used in _used(officers=True).items() if text not in _used(officers=False)}


@cache
def _used(*, officers: bool) -> dict[Text, list[str]]:
    found: dict[Text, list[str]] = {}
    for path in sources(officers=officers):
        name = str(path.relative_to(ROOT))
        for text in _in_code(path) if path.suffix == ".py" else _in_template(path):
            used = found.setdefault(text, [])
            if name not in used:
                used.append(name)
    return found


def _in_code(path: Path) -> Iterator[Text]:
    """By the syntax tree, which is far quicker than Babel's reading of tokens."""
    source = path.read_bytes()
    for node in ast.walk(ast.parse(source)) if CALLS.search(source) else ():
        if not isinstance(node, ast.Call):
            continue
        function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        words = [value for value in given if isinstance(value, str)]
        if (function in SINGLE and len(words) == 1) or (function == LABELLED and words):
            yield words[0]
        elif function == PLURAL and len(words) == 2:
            yield words[0], words[1]


def _in_template(path: Path) -> Iterator[Text]:
    with path.open("rb") as source:
        keywords = [*SINGLE, PLURAL]
        for _line, function, found, _comments in babel_extract(source, keywords, [], {"silent": "false"}):
            words = [found] if isinstance(found, str) else [word for word in found or () if word]
            if function in SINGLE and words:  # none where the text is a variable's: `mark` notes those
                yield words[0]
            elif function == PLURAL and len(words) > 1:
                yield words[0], words[1]


def read(path: Path) -> Catalog:
    """A catalogue, without what is commented out."""
    with path.open("rb") as source:
        return read_po(source, locale=path.stem.replace("-", "_"), ignore_obsolete=True)


def brought_up_to_date(path: Path, wanted: dict[Text, list[str]]) -> Catalog:
    """A catalogue with exactly the wanted texts, in the order of the files that use them."""
    old = read(path)
    language = path.stem.replace("-", "_")
    new = Catalog(
        language, header_comment="# Rollcall's texts. English is the key.", charset="utf-8", fuzzy=False
    )
    new.mime_headers = [
        ("Plural-Forms", old.plural_forms)
    ]  # the file's own: Babel's list is not always CLDR's
    for text, used in sorted(wanted.items(), key=lambda item: (item[1][0],)):
        key = text if isinstance(text, str) else text[0]
        held = old.get(key)
        new.add(
            text,
            held.string if held and held.id == text else None,
            locations=[(name, 0) for name in used[:1]],
            flags=[flag for flag in KEPT if held and held.id == text and flag in held.flags],
        )
    return new


def write(path: Path, catalog: Catalog) -> None:
    """Write a catalogue with a header that says only what is needed, so that it changes only when a text does."""
    draft = BytesIO()
    write_po(draft, catalog, width=WIDTH, include_lineno=False)
    lines = draft.getvalue().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not line.startswith(NOISE)))


def untranslated(catalog: Catalog) -> list[str]:
    """The texts of a catalogue that lack a translation, or one of its plural forms."""
    return [str(message.id) for message in catalog if message.id and not _is_whole(message.string)]


def _is_whole(string: str | tuple[str, ...] | list[str] | None) -> bool:
    forms = [string] if isinstance(string, str) else list(string or ())
    return bool(forms) and all(forms)


def main() -> None:
    """Bring every catalogue up to date and say what is left to translate."""
    for folder in (FOLDER, CONSOLE):
        wanted = texts(officers=folder == CONSOLE)
        for path in sorted(folder.glob("*.po")):
            catalog = brought_up_to_date(path, wanted)
            write(path, catalog)
            name = path.relative_to(FOLDER)
            sys.stdout.write(f"{name}: {len(untranslated(catalog))} of {len(wanted)} texts to translate\n")


if __name__ == "__main__":
    main()
