"""What leaves the house."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.base import UNSUBSCRIBE, Content
from alerts.messages.services import contents
from alerts.text.gsm import measure

ADVICE = (
    "Séisme de magnitude 6,8 à l’ouest de Katmandou. « Restez dehors », loin des façades et des lignes "
    "électriques ; des répliques sont à craindre dans les 72 heures. N’utilisez pas l’ascenseur. "
    "Suivez les consignes des autorités : 1° eau en bouteille, 2° pas de flamme nue, 3° téléphonez peu…\n\n"
    "Besoin d’aide ? Présentez-vous au lycée français — l’accueil est ouvert à tous, quel que soit votre statut."
) * 3  # fmt: skip
SMS = ADVICE[:1500]


def render(sender: str = "Consulate of Freedonia", **changes: Any) -> dict[tuple[str, str, bool], Content]:
    snapshot = {
        "texts": {
            "en": {
                "sms": "Leave the coast.",
                "subject": "Tsunami",
                "body": "Leave the coast.\nGo uphill.\n\nNow.",
            },
            "fr": {"sms": SMS, "subject": "Séisme", "body": ADVICE},
            "es": {"sms": "Aléjese de la costa."},
            "ar": {"sms": "ابتعد عن الساحل.", "subject": "تسونامي", "body": "ابتعد عن الساحل."},
            "am": {"sms": "ከባህር ዳርቻ ይራቁ።"},
        },
        "channels": ["sms", "email"],
        "type": "alert",
        "exercise": False,
    } | changes
    return contents(snapshot, sender, "https://alerts.example")


def test_an_sms_says_who_speaks_how_to_answer_and_how_to_stop() -> None:
    text = render()["sms", "en", False].text
    assert text == "Consulate of Freedonia: Leave the coast.\nReply 1 safe, 2 help. STOP to end"
    assert measure(text).segments == 1


def test_each_language_has_its_own_words_and_others_have_english() -> None:
    found = render()
    assert found["sms", "fr", False].text.endswith("\nRépondez 1 en sécurité, 2 à l'aide. STOP pour finir")
    assert found["sms", "es", False].text.endswith("\nResponda 1 a salvo, 2 ayuda. STOP para terminar")
    assert found["sms", "ar", False].text.endswith("\nأجب 1 بخير، 2 للمساعدة. STOP للإيقاف")
    assert found["sms", "am", False].text.endswith("\n1 ደህና፣ 2 እርዳታ ብለው ይመልሱ። STOP፦ ለማቆም")
    other = render(texts={"en": {"sms": "x"}, "ti": {"sms": "x"}})["sms", "ti", False]
    assert other.text.endswith("\nReply 1 safe, 2 help. STOP to end")


@pytest.mark.parametrize("kind", ["alert", "update", "all_clear", "cancel"])
@pytest.mark.parametrize("exercise", [True, False])
def test_what_we_add_never_makes_a_text_dearer(kind: str, exercise: bool) -> None:
    texts = {tag: {"sms": "x"} for tag in ("en", "fr", "es")}
    for content in render("Freedonia", texts=texts, type=kind, exercise=exercise).values():
        assert measure(content.text).encoding == "gsm-7", content.text
        assert measure(content.text).segments == 1


def test_the_officers_words_are_never_changed() -> None:
    found = render()
    for quiet in (False, True):
        assert SMS in found["sms", "fr", quiet].text
        assert ADVICE in found["email", "fr", quiet].text
    assert len(SMS) == len(ADVICE[:1500]) > 1000


def test_quiet_mode_names_no_one() -> None:
    for (channel, _, quiet), content in render("Freedonia", type="update", exercise=True).items():
        everything = " ".join(filter(None, [content.text, content.subject, content.html, content.sender]))
        assert ("Freedonia" in everything) is not quiet
        if quiet and channel == "email":
            assert not any(word in (content.subject or "") for word in ("Tsunami", "Séisme", "تسونامي"))


@pytest.mark.parametrize(("tag", "mark"), [("en", "EXERCISE"), ("fr", "EXERCICE"), ("es", "SIMULACRO"), ("ar", "تمرين"),
                                           ("am", "ልምምድ")])  # fmt: skip
def test_an_exercise_marks_every_message(tag: str, mark: str) -> None:
    for (_, language, _), content in render(exercise=True).items():
        if language == tag:
            assert content.text.lstrip("\u200f").startswith(mark)
            assert content.subject is None or content.subject.startswith(mark)
            assert content.html is None or mark in content.html
    assert not any("EXERCISE" in content.text for content in render().values())


@pytest.mark.parametrize(
    ("kind", "word"), [("update", "UPDATE"), ("all_clear", "ALL CLEAR"), ("cancel", "CANCELLED")]
)
def test_a_follow_up_says_what_it_is(kind: str, word: str) -> None:
    found = render(type=kind)
    assert found["sms", "en", False].text.startswith(f"Consulate of Freedonia {word}: Leave")
    assert found["sms", "en", True].text.startswith(f"{word}: Leave")
    assert found["email", "en", False].subject == f"{word}: Tsunami"
    assert ("Reply 1" in found["sms", "en", False].text) is (kind != "cancel")


def test_arabic_runs_from_right_to_left_though_the_sender_is_latin() -> None:
    found = render()
    assert found["sms", "ar", False].text.startswith("\u200fConsulate")
    assert found["sms", "ar", True].text.startswith("ابتعد")
    html = found["email", "ar", False].html or ""
    assert '<html lang="ar" dir="rtl">' in html
    assert 'dir="ltr"' in (found["email", "fr", False].html or "")


def test_only_languages_that_a_channel_speaks() -> None:
    assert {key[:2] for key in render()} == {
        ("sms", "en"), ("sms", "fr"), ("sms", "es"), ("sms", "ar"), ("sms", "am"),
        ("email", "en"), ("email", "fr"), ("email", "ar"),
    }  # fmt: skip
    assert {key[0] for key in render(channels=["email"])} == {"email"}


class Page(HTMLParser):
    """Words, tags and addresses of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words, self.tags, self.addresses = "", [], []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "action", "background"}]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_an_email_has_a_way_to_stop_on_a_line_of_its_own_and_no_tracking() -> None:
    content = render()["email", "en", False]
    assert content.sender == "Consulate of Freedonia"
    assert content.text.splitlines().count(UNSUBSCRIBE) == 1
    assert content.text.count(UNSUBSCRIBE) == 1
    page = Page(content.html or "")
    assert set(page.addresses) == {UNSUBSCRIBE, "https://alerts.example/link"}
    assert not {"img", "script", "link", "iframe", "form", "style"} & set(page.tags)
    assert "Leave the coast." in page.words and "Now." in page.words


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), min_size=1, max_size=80).filter(
        str.strip
    )
)
def test_html_says_what_the_plain_text_says_whatever_is_in_it(words: str) -> None:
    texts = {"en": {"subject": words, "body": f"{words}\n{words}\n\n{words}"}}
    content = render(words, texts=texts)["email", "en", False]
    page = Page(content.html or "")
    assert page.tags == ["html", "head", "meta", "meta", "title", "body", "p", "br", "p", "hr",
                         "p", "small", "p", "small", "a", "p", "small", "a"]  # fmt: skip
    assert page.words.count(words) >= 5
