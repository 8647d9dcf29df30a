"""Two sentences of Rollcall's own that are approved with every alert, and may be sent after it by one press."""

from __future__ import annotations

from collections.abc import Iterable

from registry.i18n import mark, translations

ASK = mark("We have not heard from you. Are you safe?")
ASK_SUBJECT = mark("Are you safe?")
NO_NEWS = mark("There is no news yet. We will write again.")
NO_NEWS_SUBJECT = mark("No news yet")


def standing(languages: Iterable[str]) -> dict[str, dict[str, dict[str, str]]]:
    """ "ask" and "no_news" → language → the words of each channel, for a snapshot to keep."""
    tags = list(languages)
    return {
        "ask": {tag: _words(tag, ASK, ASK_SUBJECT) for tag in tags},
        "no_news": {tag: _words(tag, NO_NEWS, NO_NEWS_SUBJECT) for tag in tags},
    }


def _words(tag: str, text: str, subject: str) -> dict[str, str]:
    _ = translations(tag).gettext
    return {"sms": _(text), "subject": _(subject), "body": _(text)}
