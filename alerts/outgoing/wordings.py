"""Ready replies, in the language of whoever gets them. An officer chooses one, and may change it before it goes."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from registry.i18n import mark, translations

READ = mark("We have read your message. Someone is working on it.")
WHERE = mark("Where are you now? Write the town, the street or a place nearby.")
WHAT = mark("What do you need most? How many are you, and is anyone hurt?")
COMING = mark("Help is on its way to you. Stay where you are, if it is safe there.")
POINT = mark("You can get help here:")
WAIT = mark("We have no news yet, but we have not forgotten you. We will write again.")
SUBJECT = mark("Information for you")
SAFE = mark("Are you safe now? Answer 1 if you are safe, 2 if you need help.")
CONSENT = mark("Another organisation could help you. To let it see your record, open your own page: %(url)s")
CLOSED = mark("We are closing your request. If you need help again, answer 2.")

READY: Final = MappingProxyType(
    {
        "read": READ,
        "where": WHERE,
        "what": WHAT,
        "coming": COMING,
        "wait": WAIT,
        "safe": SAFE,
        "closed": CLOSED,
    }
)
"""By a word that forms use."""


def ready(name: str, language: str) -> str:
    """A ready reply in a language; empty when there is none of that name."""
    text = READY.get(name)
    return translations(language).gettext(text) if text else ""
