from __future__ import annotations

import pytest

from alerts.conversation.needs import CODES, NEEDS
from alerts.conversation.texts import CHOICE, LANGUAGES, NAMES, book, is_echo, listed, need_label, say
from alerts.text import measure
from registry.gazetteer import find_area, find_country
from registry.places import countries_by_name, subdivisions
from registry.spelling import words

LONG = {
    "reference": "KMWM-WMQW",
    "code": "9999",
    "time": "23:59",
    "address": "+999201000012345",
    "whom": "345",
    "names": "Amina, Karim, Maryam-Fatima",
    "day": "2026-12-31",
    "name": "Ministère des Affaires étrangères de l'Île",
}
GSM = {"en", "fr", "es", "pt", "fil", "id"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_takes_one_segment_with_the_longest_values(language: str) -> None:
    """And no country's name loses more than its end."""
    assert book(language).texts.keys() == book("en").texts.keys()
    assert book(language).needs.keys() == book("en").needs.keys()
    assert book(language).keywords.keys() == book("en").keywords.keys()
    country = max((name for _, name in countries_by_name(language)), key=len)
    for key in book(language).texts:
        text = say(language, key, place=f"Eastern Province, {country}", **LONG)
        assert measure(text).segments == 1, (key, text)
        assert "{" not in text
        if language in GSM:
            assert measure(
                say(language, key, place="Bayrut", **(LONG | {"name": "IOM"}))
            ).encoding == "gsm-7" or (key == "language_set")
    assert len(say(language, "ask_area", place="X" * 200)) > len(say(language, "ask_area", place="")) + 9
    for head in ("needs", "organisation", "did_you_mean"):
        question, shown = listed(language, head, [(str(n), LONG["name"]) for n in range(1, 9)])
        assert measure(question).segments == 1
        assert shown >= 1
    places, seen = list(NEEDS), 0
    while seen < len(places):
        question, shown = listed(
            language, "needs", [(code, need_label(language, code)) for code in places[seen:]]
        )
        assert measure(question).segments == 1
        assert need_label(language, places[seen]) in question, "a label is cut"
        seen += shown


def test_the_list_of_languages_is_whole() -> None:
    assert {tag for tag, _ in NAMES} == set(LANGUAGES)
    assert measure(CHOICE).segments == 1
    assert len(words(CHOICE)) == 2 * len(NAMES)
    assert set(CODES.values()) == set(NEEDS)
    assert is_echo(say("fr", "help"))
    assert not is_echo("Thank you, we are well")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Lebannon", "LB"), ("lebnan", "LB"), ("I am in South Sudan", "SS"), ("Ліван", "LB"), ("ليبيا", "LY"),
        ("japn", "JP"), ("नेपाल", "NP"), ("ኢትዮጵያ", "ET"), ("NO", "NO"), ("Côte d’Ivoire", "CI"), ("Turkia", "TR"),
    ],
)  # fmt: skip
def test_a_country_is_found_in_any_common_spelling(written: str, code: str) -> None:
    assert find_country(written).codes[0] == code


def test_what_is_no_country_is_none() -> None:
    for word in ("no", "in", "safe", "hello", "", "\0", "1", "x" * 1600, "👍"):
        assert not find_country(word).sure, word
    assert find_country("Congo").codes == ("CD", "CG")


@pytest.mark.parametrize(
    ("country", "written", "name"),
    [
        ("LB", "Beyrouth", "Bayrūt"), ("LB", "Trablous Tripoli", "Ash Shimāl"), ("UA", "Харькив", "Kharkivska oblast"),
        ("JP", "hokaido", "Hokkaido"), ("NP", "Katmandu", "Bagmati"), ("MX", "Oaxca", "Oaxaca"),
        ("SD", "الخرطوم", "Khartoum"), ("ET", "ትግራይ", "Tigrai"), ("PH", "Maynila", "National Capital Region"),
    ],
)  # fmt: skip
def test_an_area_is_found_by_its_sound(country: str, written: str, name: str) -> None:
    assert subdivisions(country)[find_area(written, country).codes[0]] == name
