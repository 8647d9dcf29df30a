from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from alerts.text.gsm import measure
from registry.i18n import LANGUAGES, OFFICER_LANGUAGES, negotiate, translations
from registry.i18n.catalogs import FOLDER
from registry.i18n.extraction import Text, brought_up_to_date, read, texts, untranslated, write
from registry.people import letters

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
CATALOGS = sorted(FOLDER.glob("*.po"))
ARABIC_NUMBERS = (0, 1, 2, 3, 11, 100)


@pytest.fixture(scope="module")
def wanted() -> dict[Text, list[str]]:
    return texts()


def key_of(message: Message) -> str | tuple[str, ...]:
    return message.id if isinstance(message.id, str) else tuple(message.id)


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.stem)
def test_every_text_for_people_is_translated(path: Path, wanted: dict[Text, list[str]]) -> None:
    catalog = read(path)
    held = {key_of(message) for message in catalog if message.id}
    assert set(wanted) - held == set()
    assert untranslated(catalog) == []
    assert [message.id for message in catalog if message.id and message.fuzzy] == []


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.stem)
def test_placeholders_survive_translation(path: Path) -> None:
    for message in read(path):
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
        wanted = sorted(PLACEHOLDER.findall(ids[-1]))
        for string in strings if ids[0] else []:
            found = sorted(PLACEHOLDER.findall(string))
            if len(ids) > 1 and "%(num)d" not in found:  # "one alert", "two alerts" may be words of their own
                found = sorted([*found, "%(num)d"])
            assert found == wanted, string


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.stem)
def test_a_catalogue_reads_the_same_after_it_is_written(
    path: Path, tmp_path: Path, wanted: dict[Text, list[str]]
) -> None:
    copy = tmp_path / path.name
    write(copy, brought_up_to_date(path, wanted))
    before = {key_of(message): message.string for message in read(path) if key_of(message) in wanted}
    assert {key_of(message): message.string for message in read(copy) if message.id} == before


def test_a_new_language_needs_one_file_only(tmp_path: Path, wanted: dict[Text, list[str]]) -> None:
    path = tmp_path / "pt_BR.po"
    path.touch()
    write(path, brought_up_to_date(path, wanted))
    with path.open("rb") as source:
        assert len(untranslated(read_po(source, locale="pt_BR"))) == len(wanted)


def test_the_languages_of_this_release_are_there() -> None:
    assert set(OFFICER_LANGUAGES) <= set(LANGUAGES)


def test_plurals_follow_the_languages_own_rule() -> None:
    one, many = "Try again in %(num)d minute.", "Try again in %(num)d minutes."
    assert translations("fr").ngettext(one, many, 0) == "Réessayez dans %(num)d minute."
    assert len({translations("ar").ngettext(one, many, number) for number in ARABIC_NUMBERS}) >= 4


@pytest.mark.parametrize(
    ("chosen", "accepted", "spoken"),
    [
        (None, ["ar-EG", "en"], "ar"),
        (None, ["pt", "fr-CA"], "fr"),
        (None, ["tlh"], "en"),
        (None, [], "en"),
        ("es", ["ar"], "es"),
        ("xx", ["ar"], "ar"),
    ],
)
def test_the_language_is_the_best_that_both_speak(
    chosen: str | None, accepted: list[str], spoken: str
) -> None:
    assert negotiate(chosen, accepted) == spoken


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize("text", [letters.CODE, letters.QUIET_CODE, letters.LINK, letters.QUIET_LINK])
def test_codes_and_links_fit_cheap_messages(language: str, text: str) -> None:
    parts = {
        "sender": "Consulate of Freedonia",
        "code": "123456",
        "url": "https://rollcall.example/me/" + "x" * 32,
    }
    found = measure(translations(language).gettext(text) % parts)
    assert found.encoding == "gsm-7"
    assert found.segments == 1 if "code" in text else found.segments <= 2
