"""Segments are counted as the phone networks bill them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.text import length, measure, simplify
from alerts.text.alphabet import BASIC, EXTENSION

GSM = "".join(sorted(BASIC | EXTENSION))


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "gsm-7", 0, 0),
        ("a", "gsm-7", 1, 1),
        ("a" * 160, "gsm-7", 160, 1),
        ("a" * 161, "gsm-7", 161, 2),
        ("a" * 306, "gsm-7", 306, 2),
        ("a" * 307, "gsm-7", 307, 3),
        ("€" * 80, "gsm-7", 160, 1),
        ("€" * 81, "gsm-7", 162, 2),
        # An escape pair is never split: 76 pairs fill 152 of 153, so 306 septets take three parts, not two.
        ("€" * 153, "gsm-7", 306, 3),
        ("a" * 152 + "€" + "b" * 152, "gsm-7", 306, 3),
        ("ü" * 160, "gsm-7", 160, 1),
        ("Ω" * 160, "gsm-7", 160, 1),
        ("ç", "ucs-2", 1, 1),
        ("م" * 70, "ucs-2", 70, 1),
        ("م" * 71, "ucs-2", 71, 2),
        ("م" * 134, "ucs-2", 134, 2),
        ("م" * 135, "ucs-2", 135, 3),
        ("😀" * 35, "ucs-2", 70, 1),
        ("😀" * 36, "ucs-2", 72, 2),
        # A surrogate pair is never split: 33 fill 66 of 67.
        ("😀" * 67, "ucs-2", 134, 3),
        ("a" * 66 + "😀" + "b" * 66, "ucs-2", 134, 3),
    ],
)
def test_segments(text: str, encoding: str, units: int, segments: int) -> None:
    counted = measure(text)
    assert (counted.encoding, counted.units, counted.segments) == (encoding, units, segments)


def split_slowly(text: str) -> list[str]:
    """The parts themselves, by trying for each character whether its bytes still fit."""
    gsm = all(char in GSM for char in text)

    def size(part: str) -> int:
        return sum(2 if c in EXTENSION else 1 for c in part) if gsm else len(part.encode("utf-16-be")) // 2

    if size(text) <= (160 if gsm else 70):
        return [text] if text else []
    parts = [""]
    for char in text:
        if size(parts[-1] + char) > (153 if gsm else 67):
            parts.append("")
        parts[-1] += char
    return parts


long_gsm = st.text(st.sampled_from("ab€[" + GSM), max_size=700)
long_any = st.text(st.sampled_from("a€é\u0627\u4e2d😀👍"), max_size=400)


@given(st.one_of(long_gsm, long_any, st.text(st.characters(exclude_categories=["Cs"]), max_size=300)))
def test_agrees_with_a_splitter_that_writes_the_parts(text: str) -> None:
    assert measure(text).segments == len(split_slowly(text))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_culprits_explain_the_encoding(text: str) -> None:
    counted = measure(text)
    assert bool(counted.culprits) == (counted.encoding == "ucs-2")
    assert [text.index(c.char) for c in counted.culprits] == [c.position for c in counted.culprits]
    for culprit in counted.culprits:
        text = text if culprit.replacement is None else text.replace(culprit.char, culprit.replacement)
    left = {culprit.char for culprit in counted.culprits if culprit.replacement is None}
    assert {culprit.char for culprit in measure(text).culprits} == left


def test_names_each_culprit_once_and_says_what_to_write_instead() -> None:
    found = measure("L’aide… arrive – peut-être à Curaçao\u00a0: l’œuvre").culprits
    assert [(c.char, c.replacement) for c in found] == [
        ("’", "'"), ("…", "..."), ("–", "-"), ("ê", "e"), ("ç", "c"), ("\u00a0", " "), ("œ", "oe"),
    ]  # fmt: skip
    assert found[0].name == "right single quotation mark"
    assert found[0].position == 1


def test_offers_nothing_for_other_scripts() -> None:
    assert {c.replacement for c in measure("مرحبا 你好").culprits} == {None}


def test_simplify_mends_typography_but_leaves_letters() -> None:
    assert simplify("« L’été »\u00a0– peut-être… “ici”") == '" L\'été " - peut-être... "ici"'
    assert simplify("e\u0301te\u0301\r\nici") == "été\nici"


@given(st.text(st.sampled_from("ab ’“”–…\u00a0éêم😀\u0301"), max_size=200))
def test_simplify_leaves_no_typography_and_is_settled_after_one_go(text: str) -> None:
    once = simplify(text)
    assert not set("’“”–…\u00a0") & {c.char for c in measure(once).culprits}
    assert simplify(once) == once


def test_a_ministry_text_pasted_from_a_word_processor_costs_half_once_simplified() -> None:
    text = (
        "Earthquake near the capital. Stay outdoors, away from buildings and power lines. Don’t use lifts. "
        "Aftershocks are likely – keep your phone charged. Reply 1 if you are safe, 2 if you need help."
    )
    assert (measure(text).segments, measure(simplify(text)).segments) == (3, 2)


def test_providers_count_a_pair_of_surrogates_twice() -> None:
    assert (length("aé\n"), length("👍a"), length("")) == (3, 3, 0)
