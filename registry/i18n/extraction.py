"""Which texts the catalogues must hold, read from code and templates.

`python -m registry.i18n.extraction` adds those that are missing to every catalogue, untranslated, and removes those
that nothing uses any more. A new language begins as an empty file `po/TAG.po`. Officers' pages (folders named
`console`) speak English and are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from registry.i18n.catalogs import FOLDER

ROOT = Path(__file__).parents[2]
PACKAGES = ("registry", "alerts", "workers", "config")
KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2)}
FOR_OFFICERS = {"console", "sandbox"}
WIDTH = 110
NOISE = (
    b'"POT-Creation', b'"PO-Revision', b'"Last-Tr', b'"Language-Team', b'"Report-', b'"Generated-By', b'"Project-Id',
)  # fmt: skip

Text = str | tuple[str, str]


def sources() -> Iterator[tuple[Path, str]]:
    """(file, name of its extractor) for everything that speaks to people."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if FOR_OFFICERS & set(path.relative_to(ROOT).parts):
                continue
            if path.suffix == ".py":
                yield path, "python"
            elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
                yield path, "jinja2"


def texts() -> dict[Text, list[str]]:
    """Every text, or (singular, plural), with the files that use it."""
    found: dict[Text, list[str]] = {}
    for path, kind in sources():
        method = "jinja2.ext:babel_extract" if kind == "jinja2" else kind
        with path.open("rb") as source:
            for _line, text, _comments, _context in extract(method, source, KEYWORDS):
                used = found.setdefault(text if isinstance(text, str) else (text[0], text[1]), [])
                name = str(path.relative_to(ROOT))
                if name not in used:
                    used.append(name)
    return found


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
    for text, used in sorted(wanted.items(), key=lambda item: (item[1][0],)):
        key = text if isinstance(text, str) else text[0]
        held = old.get(key)
        new.add(
            text,
            held.string if held and held.id == text else None,
            locations=[(name, 0) for name in used[:1]],
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
    wanted = texts()
    for path in sorted(FOLDER.glob("*.po")):
        catalog = brought_up_to_date(path, wanted)
        write(path, catalog)
        sys.stdout.write(f"{path.name}: {len(untranslated(catalog))} of {len(wanted)} texts to translate\n")


if __name__ == "__main__":
    main()
