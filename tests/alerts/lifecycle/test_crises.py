from __future__ import annotations

import pytest

from alerts.lifecycle.crises import KINDS, family, normalise_crisis


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("conflict", "conflict"),
        ("natural disaster", "natural_disaster"),
        ("Natural-Disaster", "natural_disaster"),
        ("natural_disaster", "natural_disaster"),
        ("War", "armed_conflict"),
        ("coup d’État", "coup"),
        ("HURRICANE", "storm"),
        ("cyclone", "storm"),
        ("typhoon", "storm"),
        ("volcanic  eruption", "volcano"),
        ("Flash-Floods", "flood"),
        ("extreme heat", "extreme_heat"),
        ("earthquake", "earthquake"),
    ],
)
def test_a_crisis_in_many_spellings(word: str, kind: str) -> None:
    assert normalise_crisis(word) == kind


@pytest.mark.parametrize("word", ["", "strike", "pandemic", "immigration raid", "tax", "sm", "conflictx"])
def test_anything_else_is_none(word: str) -> None:
    assert normalise_crisis(word) is None


def test_every_kind_is_one_and_has_its_family() -> None:
    for name, kinds in KINDS.items():
        for kind in (name, *kinds):
            assert normalise_crisis(kind) == kind
            assert normalise_crisis(kind.upper().replace("_", " ")) == kind
            assert family(kind) == name
