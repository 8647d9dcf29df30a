"""An SMS: who speaks, what they say, how to answer and how to stop."""

from __future__ import annotations

from alerts.channels.base import Content
from alerts.messages.phrases import Phrases
from registry.places import is_right_to_left

RIGHT_TO_LEFT_MARK = "\u200f"


def sms(language: str, text: str, words: Phrases, *, sender: str | None, exercise: bool) -> Content:
    """The officer's text as it is, between its frame. Without `sender`, in quiet mode, no one is named."""
    head = " ".join(word for word in (sender, words.kind) if word)
    message = f"{head}: {text}" if head else text
    if exercise:
        message = f"{words.exercise}. {message}"
    message = f"{message}\n{words.answer_sms}"
    if is_right_to_left(language) and message[0].isascii():
        message = RIGHT_TO_LEFT_MARK + message  # else a sender's Latin name would turn the whole text around
    return Content(language, message)
