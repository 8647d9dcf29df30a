"""Gettext catalogues, read from their .po files at first use: nothing to compile, nothing to forget.

The English text is the key. Missing texts fall back to English.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "po"
CONSOLE = FOLDER / "console"
"""What only officers read."""
LANGUAGES = ("en", *sorted(path.stem for path in FOLDER.glob("*.po")))
"""BCP 47 tags of the languages that pages and messages speak: English, and each that has a catalogue."""
OFFICER_LANGUAGES = ("en", "fr", "es", "ar")


def mark(text: str) -> str:
    """The text itself, noted for the catalogues: for texts that are translated only when they are shown."""
    return text


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; of its base language, or English, where there is none."""
    for tag in (language, language.partition("-")[0]):
        if tag in LANGUAGES and (FOLDER / f"{tag}.po").exists():
            found = _compiled(FOLDER / f"{tag}.po")
            if tag in OFFICER_LANGUAGES:
                found.add_fallback(_compiled(CONSOLE / f"{tag}.po"))
            return found
    return NullTranslations()


def _compiled(path: Path) -> GNUTranslations:
    with path.open("rb") as source:
        catalog = read_po(source, locale=path.stem.replace("-", "_"))
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


def negotiate(chosen: str | None, accepted: list[str], among: Sequence[str] = LANGUAGES) -> str:
    """The reader's own choice if we speak it, else the best of what the browser accepts, else English."""
    if chosen in among:
        return str(chosen)
    return negotiate_locale([tag.replace("_", "-") for tag in accepted], list(among), sep="-") or "en"
