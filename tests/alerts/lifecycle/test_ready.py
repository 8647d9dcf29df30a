"""The ready texts are whole, in scope, and short on a phone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from alerts.lifecycle.crises import normalise_crisis
from alerts.lifecycle.intake import read_alert
from alerts.lifecycle.ready import Template, get_template, list_templates
from alerts.messages.checks import BLANKS, check_filled
from alerts.messages.intake import Text
from alerts.messages.services import contents_of
from alerts.text.gsm import measure
from registry.errors import Invalid, NotFound
from registry.i18n import LANGUAGES
from registry.people.models import ChannelName

UNICODE = {"am", "ar", "bn", "ne", "uk", "ur"}
FILLED = {
    "place": "Puerto Libre",
    "phone": "+999 555 0100",
    "time": "18:00",
    "meeting_point": "Central Stadium",
}
each = pytest.mark.parametrize("template", list_templates(), ids=lambda template: template.id)


def filled(words: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda blank: FILLED.get(blank.group(1), "the coast road"), words)


def test_the_common_crises_have_one() -> None:
    crises = {template.crisis for template in list_templates()}
    assert crises >= {
        "earthquake",
        "tsunami",
        "flood",
        "storm",
        "volcano",
        "wildfire",
        "civil_unrest",
        "armed_conflict",
    }
    assert {template.type.value for template in list_templates()} == {"alert", "update", "all_clear"}
    assert len({template.level for template in list_templates()}) == 4


@each
def test_complete_in_every_language(template: Template) -> None:
    assert normalise_crisis(template.crisis) == template.crisis
    assert set(template.texts) == set(LANGUAGES)
    for text in template.texts.values():
        assert list(text) == ["sms", "subject", "body"]
        assert all(text.values())
        assert len(text["body"]) > 180


@each
def test_the_same_blanks_in_every_language(template: Template) -> None:
    for part in ("sms", "subject", "body"):
        found = {tag: set(re.findall(r"\{.*?\}", text[part])) for tag, text in template.texts.items()}
        assert all(blanks == found["en"] for blanks in found.values()), (part, found)
        assert found["en"] <= {f"{{{blank}}}" for blank in BLANKS}


@each
def test_short_on_a_phone(template: Template) -> None:
    framed = contents_of(
        {tag: Text(**text) for tag, text in template.texts.items()},
        (ChannelName.SMS,),
        template.type,
        "Embassy of Freedonia",
        "",
        exercise=False,
    )
    for (_, tag, _), content in framed.items():
        found = measure(filled(content.text))
        if tag in UNICODE:
            assert found.segments <= 3, content.text
        else:
            assert (found.encoding, found.segments <= 2) == ("gsm-7", True), (found, content.text)


@each
def test_becomes_an_alert_once_it_is_filled_in(template: Template) -> None:
    data = {
        "type": template.type.value,
        "level": template.level.value,
        "severity": template.severity.value,
        "crisis": template.crisis,
        "area": {"countries": ["NP"]},
        "channels": ["sms", "email"],
        "expires_at": datetime.now(UTC) + timedelta(hours=6),
        "texts": template.texts,
    }
    alert = read_alert(data)
    with pytest.raises(Invalid):
        check_filled({tag: text.as_dict() for tag, text in alert.texts.items()})
    check_filled(
        {
            tag: {part: filled(words) for part, words in text.as_dict().items()}
            for tag, text in alert.texts.items()
        }
    )


def test_by_id() -> None:
    assert get_template("earthquake").title == "Earthquake"
    for wrong in ("", "../models", "nope"):
        with pytest.raises(NotFound):
            get_template(wrong)
