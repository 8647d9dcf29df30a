"""How long each SMS text is with all that is added to it, and what makes it dear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.lifecycle.models import AlertType
from alerts.messages.checks import check_filled
from alerts.messages.intake import MAX_SMS, Text
from alerts.messages.services import contents_of
from alerts.text import Culprit, Measure, length, measure, simplify
from registry.errors import Invalid
from registry.people.models import ChannelName

ALONE = {"gsm-7": 160, "ucs-2": 70}
IN_PARTS = {"gsm-7": 153, "ucs-2": 67}


@dataclass(frozen=True, slots=True)
class Meter:
    """One language's SMS as it would be sent."""

    text: str
    measure: Measure
    room: int
    """Units that its segments hold; a character may take two."""
    characters_left: int
    """Until it is too long to be sent at all; negative when it is."""
    culprits: tuple[Culprit, ...]
    """In the officer's own words, where each has something plainer; none where the script itself needs UCS-2."""
    saved: int
    """Segments that plainer characters would save."""
    blanks: tuple[str, ...]
    """What a template left to be filled in."""

    def fill(self, segment: int) -> float:
        """How full a segment is, the first being number 0: from 0 to 1."""
        size = self.room / max(self.measure.segments, 1)
        return min(max(self.measure.units / size - segment, 0.0), 1.0)


def meters(
    texts: Mapping[str, Mapping[str, str]], kind: AlertType, sender_name: str, *, exercise: bool
) -> dict[str, Meter]:
    """By language; those without an SMS text are left out."""
    words = {tag: Text(sms=text["sms"].strip()) for tag, text in texts.items() if text.get("sms", "").strip()}
    plain = {tag: Text(sms=plainer(text.sms or "")) for tag, text in words.items()}

    def framed(given: Mapping[str, Text]) -> dict[str, str]:
        found = contents_of(given, (ChannelName.SMS,), kind, sender_name, "", exercise=exercise)
        return {tag: content.text for (_, tag, quiet), content in found.items() if not quiet}

    shorter = framed(plain)
    return {tag: _meter(text, words[tag].sms or "", shorter[tag]) for tag, text in framed(words).items()}


def plainer(text: str) -> str:
    """Every character that GSM-7 lacks replaced, where all of them can be; else the text with plain typography."""
    text = simplify(text)
    culprits = measure(text).culprits
    if any(culprit.replacement is None for culprit in culprits):
        return text
    for culprit in culprits:
        text = text.replace(culprit.char, culprit.replacement or "")
    return text


def _meter(text: str, own: str, shorter: str) -> Meter:
    found = measure(text)
    room = ALONE[found.encoding] if found.segments <= 1 else IN_PARTS[found.encoding] * found.segments
    culprits = measure(own).culprits
    replaceable = all(culprit.replacement is not None for culprit in culprits)
    return Meter(
        text,
        found,
        room,
        MAX_SMS - length(text),
        culprits if replaceable else (),
        found.segments - measure(shorter).segments,
        blanks({"": {"sms": own}}),
    )


def blanks(texts: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """What is still to be filled in, one sentence each."""
    try:
        check_filled(texts)
    except Invalid as invalid:
        return tuple(error.message for error in invalid.errors)
    return ()
