from __future__ import annotations

import json
import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from alerts.lifecycle.services import list_
from registry.database import scoped
from tests.alerts.console.composed import NEW, form
from tests.alerts.offices import Office
from tests.desk import Desk, text_of

LONG = "Restez à l’abri. " * 60
ADVICE = "Évitez les rassemblements et suivez l’évolution de la situation… N’utilisez pas l’ascenseur. " * 4


def value_of(answer: TestResponse, name: str) -> str:
    """What stands in a text field."""
    area = re.search(rf'<textarea id="{name}"[^>]*>\n(.*?)</textarea>', answer.text, re.DOTALL)
    line = re.search(rf'<input id="{name}"[^>]*? value="([^"]*)"', answer.text)
    found = area or line
    assert found, name
    return unescape(found[1])


def checked(answer: TestResponse, name: str) -> list[str]:
    """The ticked boxes and radios of a name, and the chosen option of a select."""
    boxes = re.findall(rf'name="{name}" value="([^"]*)"[^>]*? checked', answer.text)
    select = re.search(rf'<select id="{name}".*?</select>', answer.text, re.DOTALL)
    return boxes + (re.findall(r'value="([^"]*)" selected', select[0]) if select else [])


def count(office: Office) -> int:
    with scoped(office.organisation.id) as session:
        return len(list_(session))


def test_an_empty_list_says_what_to_do(author: Desk) -> None:
    answer = author.open("/console/alerts")
    assert "No alert yet" in text_of(answer)
    assert f'href="{NEW}"' in answer.text


def test_a_saved_draft_stands_as_it_was_written(author: Desk, office: Office) -> None:
    answer = author.send(
        f"{NEW[:-4]}/exercises/new", form(subdivisions=["NP-P3", "FR-75"], nationalities=["PH"])
    )
    assert answer.status_code == 200
    words = text_of(answer)
    assert "Flood in Nepal" in words
    assert "EXERCISE, NOT REAL. Freedonia: Flood near the river. Go to high ground." in words
    assert "Philippines" in words
    with scoped(office.organisation.id) as session:
        [alert] = list_(session)
    assert (alert.state.value, alert.exercise, alert.author_id) == ("draft", True, office.author.id)
    assert alert.area == {"countries": ["NP"], "subdivisions": ["NP-P3"]}, (
        "those of other countries are dropped"
    )
    assert alert.filters == {"nationalities": ["PH"]}
    assert 5 < (alert.next_update_at - alert.created_at).total_seconds() / 3600 < 7  # type: ignore[operator]
    assert "Flood in Nepal" in text_of(author.open("/console/alerts/exercises"))
    assert "Flood in Nepal" not in text_of(author.open("/console/alerts"))


def test_nothing_is_lost_when_something_is_wrong(author: Desk, office: Office) -> None:
    wrong = form(
        crisis="",
        countries=["NP", "PH"],
        channels=["sms", "email"],
        tags=["en", "ar", "pt-BR"],
        **{"text-ar-sms": "ابقوا في الخارج <b>", "text-pt-BR-subject": "Enchente", "text-en-sms": LONG * 2},
        expires_in="at",
        expires_at="2020-01-01T10:00",
        kinds=["student", "smugglers"],
        level="voluntary_return",
    )
    answer = author.send(NEW, wrong)
    assert answer.status_code == 422
    assert count(office) == 0
    summary = answer.text.partition('id="errors"')[2].partition("</div>")[0]
    for name, words in {
        "crisis": "What happened",
        "expires_in": "Holds until: must be in the future",
        "text-en-sms": "SMS in English: must have at most 1,600 characters",
    }.items():
        assert f'href="#{name}"' in summary
        assert f'id="{name}"' in answer.text, "the summary's links lead somewhere"
        assert words in unescape(summary)
    assert value_of(answer, "text-en-sms") == LONG * 2
    assert value_of(answer, "text-ar-sms") == "ابقوا في الخارج <b>"
    assert value_of(answer, "text-pt-BR-subject") == "Enchente"
    assert value_of(answer, "text-en-body") == "Go to high ground."
    assert 'value="2020-01-01T10:00"' in answer.text
    assert checked(answer, "countries") == ["NP", "PH"]
    assert checked(answer, "level") == ["voluntary_return"]
    assert checked(answer, "kinds") == ["student", "smugglers"]
    assert checked(answer, "expires_in") == ["at"]
    assert checked(answer, "next_update_in") == ["6"]


def test_a_ready_text_fills_the_form_and_must_be_filled_in(author: Desk, office: Office) -> None:
    chosen = {"do": "template", "template": "earthquake", "tags": "en"}
    answer = author.send(NEW, chosen | {"countries": "NP"})
    assert answer.status_code == 200
    assert checked(answer, "crisis") == ["earthquake"]
    assert checked(answer, "countries") == ["NP"]
    assert 'id="text-uk-sms"' not in answer.text, "nobody there wants it"
    missing = answer.text.partition('id="lacking"')[2].partition("</ul>")[0]
    assert '<a href="#text-en-sms">SMS in English</a>: still says {place}: fill it in.' in missing
    answer = author.send(NEW, chosen)
    assert '<a href="#countries">Countries</a>' in answer.text
    assert "{place}" in value_of(answer, "text-ar-sms")
    assert "nobody who speaks the language has read yet" in text_of(answer)
    languages = text_of(author.open("/console/languages/"))
    assert "Urdu اردو" in languages and "12 of 12 Not yet" in languages
    more = author.send(NEW, {"do": "add:uk", "begun": "earthquake", "tags": "en"})
    assert "землетрус" in value_of(more, "text-uk-sms")
    assert "This text still says {place}" in text_of(answer)
    texts = {f"text-{tag}-{part}": value_of(answer, f"text-{tag}-{part}")
             for tag in ("en", "fr") for part in ("sms", "subject", "body")}  # fmt: skip
    saved = author.send(NEW, form(tags=["en", "fr"], **texts))
    assert "Not ready yet" in text_of(saved)
    path = saved.request.path
    refused = author.send(path, {}, to=f"{path}/submit")
    assert refused.status_code == 422
    assert "SMS in French (français): still says {place}" in text_of(refused).replace(
        "Sms in french", "SMS in French"
    )
    with scoped(office.organisation.id) as session:
        assert list_(session)[0].state.value == "draft"


def test_languages_come_and_go_and_keep_their_words(author: Desk) -> None:
    more = author.send(NEW, form(do="add", add_tag="tr"))
    assert value_of(more, "text-tr-sms") == ""
    assert value_of(more, "text-en-sms") == "Flood near the river. Go to high ground."
    fewer = author.send(NEW, form(do="drop:en", tags=["en", "tr"], **{"text-tr-sms": "Sel."}))
    assert 'id="text-en-sms"' not in fewer.text
    assert value_of(fewer, "text-tr-sms") == "Sel."
    nothing = author.send(NEW, form(do="add", add_tag=""))
    assert nothing.status_code == 422
    assert "choose one first" in text_of(nothing)


def test_dear_characters_are_named_and_replaced_at_one_press(author: Desk) -> None:
    answer = author.send(NEW, form(do="preview", tags=["fr"], **{"text-fr-sms": ADVICE}))
    words = text_of(answer)
    assert "7 segments" in words
    assert "UCS-2" in words
    assert "’ → '" in words
    assert "Replace them: saves 4 segments" in words
    plain = author.send(NEW, form(do="plain:fr", tags=["fr"], **{"text-fr-sms": ADVICE}))
    assert value_of(plain, "text-fr-sms").startswith("Évitez les rassemblements et suivez l'évolution de la")
    assert "3 segments · 442 of 459 septets" in text_of(plain)
    assert "GSM-7" in text_of(plain)
    arabic = author.send(NEW, form(do="preview", tags=["ar"], **{"text-ar-sms": "ابقوا في الخارج"}))
    assert "Replace them" not in arabic.text, "a script of its own is no mistake"


def test_the_preview_counts_whom_it_reaches(author: Desk, office: Office) -> None:
    office.register("sms", "email")
    office.register("sms", language="tr")
    office.register("sms", quiet=True)
    office.register("sms", stays=[{"country": "JP"}])
    answer = author.send(NEW, form(do="preview"))
    words = text_of(answer)
    assert "3 people get it" in words
    assert "on 4 phones and mailboxes" in words
    assert "Reached 3 1" in words
    assert "of them quietly 1 0" in words
    assert "Turkish (Türkçe): 1 get English" in words
    assert 'value="add:tr"' in answer.text
    assert "Freedonia: Flood near the river. Go to high ground. Reply 1 safe, 2 help. STOP to end" in words


def test_the_live_preview_answers_by_parts_whatever_is_typed(author: Desk, office: Office) -> None:
    office.register("sms")
    page = "/console/alerts/new"
    parts = json.loads(author.send(page, form(), to="/console/alerts/preview").text)["parts"]
    assert set(parts) == {"preview", "regions", "lacking", "meter-en"}
    assert "Nothing is missing." in parts["lacking"]
    assert "Phones: 1 · Segments in all: 1" in parts["meter-en"]
    assert "1</strong> person gets it" in parts["preview"]
    assert "Bagmati" in parts["regions"] and "<title>Nepal</title>" in parts["regions"]
    for odd in (
        form(countries=[], type="", crisis="plague"),
        form(countries=["XX", "NP\0"], tags=["zz-!!", "en"]),
        form(
            **{"text-en-sms": "\0" * 9 + "x" * 5000}, expires_at="soon", expires_in="at", kinds=["A b", "\0"]
        ),
        form(type="update", follows="nothing", channels=["pigeon"]),
        {},
    ):
        assert author.send(page, odd, to="/console/alerts/preview").status_code == 200
        assert author.send(page, odd | {"do": "preview"}).status_code == 200
        assert author.send(page, odd | {"do": "save"}).status_code == 422


@pytest.mark.parametrize(
    "path", ["", "/new", "/01890a5d-ac96-774b-bcce-b302099a8057", "/x/edit", "/x/deliveries"]
)
def test_nobody_comes_in_without_signing_in(author: Desk, path: str) -> None:
    author.client.delete_cookie("rollcall")
    assert author.open(f"/console/alerts{path}", follow=False).status_code == 302


def test_only_authors_compose(approver: Desk, office: Office) -> None:
    alert = office.draft()
    assert approver.open(NEW).status_code == 403
    assert approver.open(f"/console/alerts/{alert.public_id}/edit").status_code == 403
    assert f'href="{NEW}"' not in approver.open("/console/alerts").text


def test_a_long_list_is_paged(author: Desk, office: Office) -> None:
    for number in range(26):
        office.draft(crisis="flood" if number else "tsunami")
    first = author.open("/console/alerts")
    assert "Tsunami" not in text_of(first)
    following = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert following
    second = author.open(unescape(following[1]))
    assert text_of(second).count("in Nepal") == 1
    assert "Tsunami in Nepal" in text_of(second)
    assert author.open("/console/alerts?after=x").status_code == 404
