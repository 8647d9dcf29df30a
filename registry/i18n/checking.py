"""Finds what is missing or broken in the catalogues: `python -m registry.i18n.checking`, a part of `make lint`.

It can't tell whether a translation is good: that takes a speaker (see `registry.i18n.reviews`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from gettext import c2py

from babel import Locale
from babel.messages.catalog import Catalog, Message

from registry.i18n.catalogs import CONSOLE, FOLDER, LANGUAGES, OFFICER_LANGUAGES
from registry.i18n.extraction import Text, read, texts, untranslated

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
MARKUP = re.compile(r"</?\w[^>]*>|&\w+;")
NUMBER = ("%(num)d",)
BIDI_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NUMBERS = range(1001)
GROUPS = ("zero", "one", "two", "few", "many", "other")
ENDS = {".": ".۔।።", ":": ":፦", "?": "?؟"}
"""The marks that may end a text where English has the key."""


def problems(catalog: Catalog, wanted: set[Text], *, whole: bool = True) -> Iterator[str]:
    """What is wrong in a catalogue, a line each; `wanted` holds the texts that it must have, if it is to be `whole`."""
    held = {key_of(message) for message in catalog if message.id}
    if whole:
        yield from (f"missing: {_words(text)}" for text in wanted - held)
        yield from (f"untranslated: {text!r}" for text in untranslated(catalog))
        yield from (f"nothing uses it any more: {_words(text)}" for text in held - wanted)
    if not _plurals_fit(catalog):
        yield f"its plural rule is not the one of CLDR: {catalog.plural_forms}"
    for message in catalog:
        if message.id:
            yield from (
                f"{wrong}: {_words(key_of(message))}" for wrong in _faults(message, catalog.num_plurals)
            )


def _forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def key_of(message: Message) -> Text:
    """The English of a message: a text, or (singular, plural)."""
    return message.id if isinstance(message.id, str) else (message.id[0], message.id[1])


def _words(text: Text) -> str:
    return repr(text if isinstance(text, str) else text[0])


def _faults(message: Message, plurals: int) -> Iterator[str]:
    key = key_of(message)
    forms = _forms(message)
    if len(forms) != (1 if isinstance(key, str) else plurals):
        yield f"{len(forms)} plural forms"
    if message.fuzzy:
        yield "marked as a guess"
    for form in filter(None, forms):
        yield from differences(key if isinstance(key, str) else key[1], form, plural=not isinstance(key, str))


def differences(english: str, form: str, *, plural: bool = False) -> Iterator[str]:
    """What a translation has or lacks against its English. A plural form may say its number in words."""
    wanted, found = (sorted(PLACEHOLDER.findall(text)) for text in (english, form))
    if found != wanted and not (plural and sorted([*found, *NUMBER]) == wanted):
        yield f"placeholders {found}"
    if sorted(MARKUP.findall(form)) != sorted(MARKUP.findall(english)):
        yield "markup differs"
    if sorted(BIDI_MARKS.findall(form)) != sorted(BIDI_MARKS.findall(english)):
        yield "direction marks differ"
    if (form[0].isspace(), form[-1].isspace()) != (
        english[0].isspace(),
        english[-1].isspace(),
    ) or "  " in form:
        yield "spaces at an end, or doubled"
    if form.count("\n") != english.count("\n"):
        yield "line breaks differ"
    if len(english) > len("No.") and english[-1] in ENDS and form[-1] not in ENDS[english[-1]]:
        yield f"ends with {form[-1]!r}"


def _plurals_fit(catalog: Catalog) -> bool:
    """Whether the forms are those of CLDR, in its order.

    Groups that no number up to a thousand belongs to need no form: French has one for whole millions.
    """
    rule, choose = Locale.parse(catalog.locale).plural_form, c2py(catalog.plural_expr)
    used = [group for group in GROUPS if any(rule(number) == group for number in NUMBERS)]
    return all(choose(number) == used.index(rule(number)) for number in NUMBERS)


def check(*, console: bool = False) -> list[str]:
    """All that is wrong in the catalogues: people's may lack nothing, nor may officers' if `console` says so."""
    folders = ((FOLDER, LANGUAGES), (CONSOLE, OFFICER_LANGUAGES if console else ()))
    return [
        f"{path.relative_to(FOLDER)}: {line}"
        for folder, complete in folders
        for wanted in [set(texts(officers=folder == CONSOLE))]
        for path in sorted(folder.glob("*.po"))
        for line in problems(read(path), wanted, whole=path.stem in complete)
    ]


def main() -> None:
    """Print what is wrong; exit with 1 when anything is. `--console`: officers' catalogues may lack nothing either."""
    found = check(console="--console" in sys.argv)
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
