from __future__ import annotations

import pytest

from alerts.messages.languages import pick_language, speaks


@pytest.mark.parametrize(
    ("wanted", "available", "default", "picked"),
    [
        ("fr", ["en", "fr"], "en", "fr"),
        ("fr-CA", ["en", "fr", "fr-CA"], "en", "fr-CA"),
        ("fr-CA", ["en", "fr"], "en", "fr"),
        ("pt", ["en", "pt-BR"], "en", "pt-BR"),
        ("pt-PT", ["en", "pt-BR"], "en", "pt-BR"),
        ("zh-Hant-HK", ["zh-Hans", "zh-Hant"], "en", "zh-Hant"),
        ("am", ["en", "fr"], "fr", "fr"),
        ("am", ["en", "fr"], "fr-CA", "fr"),
        ("am", ["es", "en"], "de", "en"),
        ("am", ["es", "ar"], "de", "ar"),
        ("pt", ["pt-PT", "pt-BR"], "en", "pt-BR"),
        ("am", ["es", "en-GB"], "de", "en-GB"),
    ],
)
def test_the_nearest_language(wanted: str, available: list[str], default: str, picked: str) -> None:
    assert pick_language(wanted, available, default) == picked


def test_nothing_to_pick_from() -> None:
    with pytest.raises(ValueError, match="no language"):
        pick_language("en", [], "en")


def test_whether_ones_own_language_is_spoken() -> None:
    assert speaks("fr-CA", ["en", "fr"])
    assert speaks("pt", ["pt-BR"])
    assert not speaks("am", ["en"])
