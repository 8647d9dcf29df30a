"""What we answer to a reply: short, in the person's language, naming nobody, for others may read it."""

from __future__ import annotations

from alerts.responses.erasing import Step
from alerts.responses.models import Meaning
from alerts.responses.receiving import Received
from registry.i18n import mark, translations

BY_MEANING = {
    Meaning.SAFE: mark("Thank you. We have noted that you are safe."),
    Meaning.HELP: mark(
        "We have noted that you need help. Someone will contact you. "
        "In immediate danger, call the local emergency number."
    ),
    Meaning.STOP: mark("You will get no more messages. To get them again, send START."),
    Meaning.START: mark("You will get messages again. To end them, send STOP."),
    Meaning.OTHER: mark("Thank you for your message. Send 1 if you are safe, 2 if you need help."),
}
BY_STEP = {
    Step.ASKED: mark(
        "To erase all that we hold about you, answer ERASE %(code)s within an hour. If it was not you, do nothing."
    ),
    Step.WRONG: mark("The code is not right, or too old. To have your registration erased, send ERASE."),
    Step.DONE: mark("All that we held about you is erased. You will get no more messages."),
}
STAYS = mark("Thank you. You stay registered.")
UNKNOWN = mark("This number is not registered. To get alerts, join at %(url)s")


def acknowledgement(received: Received, base_url: str) -> str | None:
    """The answer, or None where silence is better: to a repeat, or to what may be a machine."""
    if received.language is None:
        return UNKNOWN % {"url": base_url} if received.meaning is not Meaning.STOP else None
    if received.repeated or received.talkative:
        return None
    catalog = translations(received.language)
    if received.step is not None:
        return catalog.gettext(BY_STEP[received.step]) % {"code": received.code}
    return catalog.gettext(STAYS if received.stays else BY_MEANING[received.meaning])
