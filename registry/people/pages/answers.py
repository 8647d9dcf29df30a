"""What a page says to a code that did not confirm: what is wrong, and what to do next."""

from __future__ import annotations

from registry.i18n import mark
from registry.people.confirmation import Answer
from registry.web.language import gettext

TEXTS = {
    Answer.WRONG: mark("This is not the code. Look at the newest message from us and type its six digits."),
    Answer.EXPIRED: mark("This code is too old. Ask for a new one below."),
    Answer.EXHAUSTED: mark("This code was typed wrong too many times. Ask for a new one below."),
    Answer.USED: mark(
        "This code was used already. If you closed your own page, ask for a new link to it at the foot of this page."
    ),
}


def explain(answer: Answer) -> str:
    """In the language of the page."""
    return gettext(TEXTS[answer])
