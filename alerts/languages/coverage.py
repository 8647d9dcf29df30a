"""How much of what people read exists in each language, and how much of it a speaker has read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from alerts.lifecycle.ready import list_templates
from registry.i18n import LANGUAGES
from registry.i18n.reviews import Review, review


@dataclass(frozen=True, slots=True)
class Coverage:
    """One language: its pages and short messages, and its ready texts for alerts."""

    language: str
    pages: Review
    ready: Review

    @property
    def reviewed(self) -> bool:
        """Whether a speaker has read all of it."""
        return self.pages.whole and self.ready.whole


@cache
def coverage() -> tuple[Coverage, ...]:
    """Every language that people are spoken to in."""
    return tuple(Coverage(tag, review(tag), _ready(tag)) for tag in LANGUAGES)


def _ready(tag: str) -> Review:
    """The texts stand in the language that they were written in first: English needs no review."""
    templates = list_templates()
    there = sum(tag in template.texts for template in templates)
    read = sum(tag in template.reviewed for template in templates)
    return Review(len(templates), there, there if tag == "en" else read)
