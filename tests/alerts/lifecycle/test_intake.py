"""What may be asked to be sent, and how each mistake is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.lifecycle.intake import read_alert
from alerts.lifecycle.models import AlertType, Level, Severity
from registry.errors import Invalid
from tests.alerts.offices import request


def refusal(data: dict[str, Any], **how: Any) -> dict[str, str]:
    """Field → code of everything that was refused."""
    with pytest.raises(Invalid) as refused:
        read_alert(data, **how)
    return {error.field: error.code for error in refused.value.errors}


def test_words_are_read_in_any_spelling() -> None:
    alert = read_alert(
        request(
            type="All Clear",
            level="Voluntary-Return",
            severity="EXTREME",
            crisis="Natural disaster",
            area={"countries": ["nepal", "fra", "NP"], "subdivisions": ["Bagmati", "NP-P1"]},
            filters={"languages": ["FR", "pt_br"], "nationalities": ["france"], "kinds": ["Seasonal Worker"]},
            channels=["EMAIL", "sms"],
        )
    )
    assert (alert.type, alert.level, alert.severity) == (
        AlertType.ALL_CLEAR,
        Level.VOLUNTARY_RETURN,
        Severity.EXTREME,
    )
    assert alert.crisis == "natural_disaster"
    assert alert.audience.countries == ("NP", "FR")
    assert alert.audience.subdivisions == ("NP-P3", "NP-P1")
    assert alert.audience.languages == ("fr", "pt-BR")
    assert alert.audience.nationalities == ("FR",)
    assert alert.audience.kinds == ("seasonal_worker",)
    assert alert.audience.channels == ("sms", "email")


def test_subdivisions_name_their_country_themselves() -> None:
    audience = read_alert({"area": {"subdivisions": ["np-P1", "LB-BA"]}}, preview=True).audience
    assert audience.countries == ("NP", "LB")
    assert audience.subdivisions == ("NP-P1", "LB-BA")


def test_everything_missing_is_named() -> None:
    assert refusal({}) == {
        "area.countries": "required",
        "channels": "required",
        "type": "required",
        "level": "required",
        "severity": "required",
        "crisis": "required",
        "expires_at": "required",
        "texts": "required",
    }


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"area": {"countries": []}}, "area.countries", "required"),
        ({"area": {"countries": "NP"}}, "area.countries", "type"),
        ({"area": {"countries": ["Atlantis"]}}, "area.countries.0", "country"),
        ({"area": {"countries": ["NP"], "subdivisions": ["FR-IDF"]}}, "area.subdivisions.0", "subdivision"),
        ({"area": {"countries": ["NP"], "circle": "27.7,85.3 50"}}, "area.circle", "unsupported"),
        ({"area": {"countries": ["NP"], "polygon": []}}, "area.polygon", "unsupported"),
        ({"area": ["NP"]}, "area", "type"),
        ({"filters": {"religion": ["x"]}}, "filters.religion", "unknown"),
        ({"filters": {"kinds": ["?"]}}, "filters.kinds.0", "characters"),
        ({"filters": {"languages": ["klingonish"]}}, "filters.languages.0", "language"),
        ({"channels": ["pigeon"]}, "channels.0", "channel"),
        ({"type": "alarm"}, "type", "unknown"),
        ({"level": "red"}, "level", "unknown"),
        ({"severity": ["severe"]}, "severity", "type"),
        ({"crisis": "strike"}, "crisis", "out_of_scope"),
        ({"expires_at": "tomorrow"}, "expires_at", "datetime"),
        ({"expires_at": "2099-01-01T00:00:00"}, "expires_at", "timezone"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at", "past"),
        ({"expires_at": "9999-12-31T23:59:59-12:00"}, "expires_at", "datetime"),
        ({"expires_at": "2099-01-01T00:00:00Z"}, "expires_at", "range"),
        ({"exercise": "yes"}, "exercise", "type"),
        ({"follows": "the last"}, "follows", "id"),
        ({"follows": "0199d6a1-0000-7000-8000-000000000000"}, "follows", "unexpected"),
        ({"texts": {"en": {"sms": "x" * 1601, "subject": "s", "body": "b"}}}, "texts.en.sms", "length"),
        ({"texts": {"en": {"sms": "x", "subject": "s"}}}, "texts.en.body", "required"),
        ({"texts": {"en": {"sms": "x", "body": "b"}}}, "texts.en.subject", "required"),
        ({"texts": {"en": {"subject": "s", "body": "b"}}}, "texts.en.sms", "required"),
        ({"texts": {"en": {"sms": "x"}}}, "texts.en.subject", "required"),
        ({"texts": {"en": {"sms": 7, "subject": "s", "body": "b"}}}, "texts.en.sms", "type"),
        ({"texts": {"en": {"sms": "a\0b", "subject": "s", "body": "b"}}}, "texts.en.sms", "characters"),
        ({"texts": {"en": {"sms": "a\ud800", "subject": "s", "body": "b"}}}, "texts.en.sms", "characters"),
        (
            {"texts": {"en": {"sms": "a", "subject": "s", "body": "@@UNSUBSCRIBE@@"}}},
            "texts.en.body",
            "characters",
        ),
        ({"texts": {"en": {"tweet": "a"}}}, "texts.en.tweet", "unknown"),
        ({"texts": {"xx-nope-9": {"sms": "a"}}}, "texts.xx-nope-9", "language"),
        ({"texts": {"en": {"sms": "a"}, "EN": {"sms": "b"}}}, "texts.en", "repeated"),
        ({"texts": "hello"}, "texts", "type"),
        ({"texts": {"en": "hello"}}, "texts.en", "type"),
    ],
)
def test_each_mistake_is_named(changes: dict[str, Any], field: str, code: str) -> None:
    assert refusal(request(**changes)).get(field) == code


def test_the_next_update_comes_before_the_end() -> None:
    later = (datetime.now(UTC) + timedelta(hours=7)).isoformat()
    assert refusal(request(next_update_at=later)) == {"next_update_at": "order"}


def test_a_channel_needs_its_words_in_one_language_only() -> None:
    texts = {
        "en": {"sms": "Leave.", "subject": "Leave", "body": "Leave."},
        "fr": {"sms": "Partez."},
        "ar": {},
    }
    alert = read_alert(request(texts=texts))
    assert set(alert.texts) == {"en", "fr"}
    assert alert.texts["fr"].as_dict() == {"sms": "Partez."}


def test_texts_are_kept_as_they_are() -> None:
    sms = "“Restez chez vous.”\r\n\r\n  N’allez pas…  à l’aéroport €\t😀"
    text = read_alert(request(texts={"fr": {"sms": f"  {sms} ", "subject": "S", "body": sms}})).texts["fr"]
    assert text.sms == sms.replace("\r\n", "\n")
    assert text.body == text.sms


def test_a_subject_is_one_line() -> None:
    texts = {"en": {"sms": "x", "subject": "Leave\r\nBcc: all@example.org", "body": "b"}}
    assert read_alert(request(texts=texts)).texts["en"].subject == "Leave Bcc: all@example.org"


def test_a_preview_needs_only_an_area() -> None:
    alert = read_alert({"area": {"countries": ["NP"]}}, preview=True)
    assert alert.audience.channels == ("sms", "email")
    assert refusal({"area": {"countries": ["NP"]}, "level": "red"}, preview=True) == {"level": "unknown"}
    assert refusal({}, preview=True) == {"area.countries": "required"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([*request(), "filters", "follows", "exercise", "next_update_at"]), JSON)
)
def test_whatever_comes_is_read_or_refused(data: dict[str, Any]) -> None:
    for preview in (False, True):
        try:
            read_alert(data, preview=preview)
        except Invalid as refused:
            assert all(error.field and error.code and error.message for error in refused.errors)
