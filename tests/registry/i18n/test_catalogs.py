from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from alerts.lifecycle.models import AlertType
from alerts.messages.phrases import phrases
from alerts.text.gsm import measure
from registry.i18n import LANGUAGES, OFFICER_LANGUAGES, negotiate, translations
from registry.i18n.catalogs import FOLDER
from registry.i18n.checking import check, differences, key_of, problems
from registry.i18n.extraction import Text, brought_up_to_date, read, texts, untranslated, write
from registry.people import letters

CATALOGS = sorted(FOLDER.glob("*.po"))
ARABIC_NUMBERS = (0, 1, 2, 3, 11, 100)
UNICODE = {"am", "ar", "bn", "ne", "uk", "ur"}
TEXT_MESSAGES = (
    letters.CODE,
    letters.QUIET_CODE,
    letters.LINK,
    letters.QUIET_LINK,
    letters.STAY,
    letters.STAY_OR_ANSWER,
    letters.QUIET_STAY,
    letters.QUIET_STAY_OR_ANSWER,
)


@pytest.fixture(scope="module")
def wanted() -> dict[Text, list[str]]:
    return texts()


def test_every_text_is_whole_and_people_lack_none_in_any_language() -> None:
    assert check() == []
    assert len(LANGUAGES) == 12


@pytest.mark.parametrize(
    ("english", "form", "wrong"),
    [
        ("%(num)d of {all}.", "{all}: %(num)d.", []),
        ("Ask %(who)s.", "Demandez.", ["placeholders []"]),
        ("Ask %(who)s.", "Demandez %(qui)s.", ["placeholders ['%(qui)s']"]),
        ("<b>Now</b> &amp; then", "<b>Maintenant</b>", ["markup differs"]),
        ("Go now", "\u202bGo\u202c", ["direction marks differ"]),
        ("Go now", "Allez  donc ", ["spaces at an end, or doubled"]),
        ("One\ntwo", "Un deux", ["line breaks differ"]),
        ("Are you safe?", "هل أنت بأمان؟", []),
        ("Are you safe?", "Vous allez bien.", ["ends with '.'"]),
    ],
)
def test_what_differs_from_the_english_is_found(english: str, form: str, wrong: list[str]) -> None:
    assert list(differences(english, form)) == wrong


def test_what_is_missing_and_miscounted_is_found() -> None:
    source = b"""msgid ""
msgstr ""
"Language: uk\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

#, fuzzy
msgid "Yes"
msgstr "Tak"

msgid "No"
msgstr ""

msgid "%(num)d day"
msgid_plural "%(num)d days"
msgstr[0] "%(num)d den"
msgstr[1] "dni"
"""
    days = ("%(num)d day", "%(num)d days")
    found = list(problems(read_po(BytesIO(source), locale="uk"), {"Yes", "Maybe", days}))
    assert found == [
        "missing: 'Maybe'",
        "untranslated: 'No'",
        "nothing uses it any more: 'No'",
        "its plural rule is not the one of CLDR: nplurals=2; plural=(n != 1);",
        "marked as a guess: 'Yes'",
    ]


@pytest.mark.parametrize("path", CATALOGS[:2], ids=lambda path: path.stem)
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
        (None, ["pt-BR", "fr-CA"], "pt"),
        (None, ["tl", "fr-CA"], "fr"),
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_message_takes_more_parts_than_it_may(language: str) -> None:
    """The budget is one part, two where the script leaves 70 characters in a part, and one more for a long link."""
    parts = {
        "sender": "Consulate of Freedonia",
        "code": "123456",
        "url": "https://rollcall.example/me/" + "x" * 32,
        "day": "2027-01-31",
    }
    for text in TEXT_MESSAGES:
        found = measure(translations(language).gettext(text) % parts)
        long = text in {letters.LINK, letters.QUIET_LINK}
        longest = "%(day)s" in text
        budget = 1 + (found.encoding == "ucs-2") + (longest or (long and found.encoding == "gsm-7"))
        assert found.segments <= budget, (text, found)
        assert found.encoding == ("ucs-2" if language in UNICODE else "gsm-7"), (text, found.culprits)
    for tail in (
        phrases(language, AlertType.ALERT).answer_sms,
        phrases(language, AlertType.CANCEL).answer_sms,
    ):
        assert measure(tail).units <= 51, tail
