"""From what was approved to what is sent: one content for each channel, language and mode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from textwrap import shorten
from types import MappingProxyType
from typing import Any

from alerts.channels.base import Content
from alerts.lifecycle.models import AlertType
from alerts.messages.email import email
from alerts.messages.intake import Text
from alerts.messages.phrases import Phrases, phrases
from alerts.messages.sms import sms
from registry.people.models import ChannelName

Key = tuple[str, str, bool]
"""Channel, language of the text, and whether it is for someone in quiet mode."""

MOST_SUBJECT = 78
"""Characters of a text's first line that stand in for a subject."""
MOST_SMS = 320
"""Characters of subject and body that stand in for an SMS: of more, an SMS would leave out what matters."""


def spoken(texts: Mapping[str, Text], channel: ChannelName) -> tuple[str, ...]:
    """The languages in which the texts have all that a channel needs."""
    return tuple(tag for tag, text in texts.items() if text.speaks(channel))


def stand_ins(texts: Mapping[str, Text], channel: ChannelName) -> dict[str, Text]:
    """The texts for a channel that an alert did not choose, for whom it doesn't reach otherwise: those that the alert
    has, and where a language has none, the other channel's as they stand, if they fit."""
    found = {tag: text if text.speaks(channel) else _stand_in(text, channel) for tag, text in texts.items()}
    return {tag: text for tag, text in found.items() if text.speaks(channel)}


def _stand_in(text: Text, channel: ChannelName) -> Text:
    if channel is ChannelName.EMAIL and text.sms:
        return Text(
            subject=shorten(text.sms.partition("\n")[0], MOST_SUBJECT, placeholder="…"), body=text.sms
        )
    whole = f"{text.subject}\n{text.body}"
    return Text(sms=whole) if channel is ChannelName.SMS and len(whole) <= MOST_SMS else Text()


def frame(languages: Iterable[str], kind: AlertType) -> dict[str, dict[str, str]]:
    """What Rollcall adds to texts in these languages, for a snapshot to keep."""
    return {tag: asdict(phrases(tag, kind)) for tag in languages}


def contents(snapshot: Mapping[str, Any], sender_name: str, base_url: str) -> dict[Key, Content]:
    """Every content that an approved alert can send; see `contents_of`.

    What shapes a text is all in the snapshot, so that neither a new sender name nor a new release changes what was
    approved, or makes a provider's record of it unknown to us. Only web addresses are those of today. `sender_name`
    is for a snapshot of a release that did not keep it.
    """
    texts = {tag: Text(**text) for tag, text in snapshot["texts"].items()}
    found: dict[Key, Content] = {}
    for channel in map(ChannelName, snapshot.get("languages", snapshot["channels"])):
        chosen = channel.value in snapshot["channels"]
        found |= contents_of(
            texts if chosen else stand_ins(texts, channel),
            (channel,),
            AlertType(snapshot["type"]),
            snapshot.get("sender_name", sender_name),
            base_url,
            exercise=bool(snapshot["exercise"]),
            kept={tag: Phrases(**words) for tag, words in snapshot.get("phrases", {}).items()},
        )
    return found


def contents_of(
    texts: Mapping[str, Text],
    channels: tuple[ChannelName, ...],
    kind: AlertType,
    sender_name: str,
    base_url: str,
    *,
    exercise: bool,
    kept: Mapping[str, Phrases] = MappingProxyType({}),
) -> dict[Key, Content]:
    """Every content of these texts. The officer's words are never changed.

    Which language a person gets, `pick_language` says, channel by channel. `kept` are phrases of an earlier moment.
    """
    found: dict[Key, Content] = {}
    for channel in channels:
        for tag in spoken(texts, channel):
            words = kept.get(tag) or phrases(tag, kind)
            for quiet in (False, True):
                sender = None if quiet else sender_name
                found[channel.value, tag, quiet] = _content(
                    channel, tag, texts[tag], words, sender, exercise, base_url
                )
    return found


def _content(
    channel: ChannelName,
    tag: str,
    text: Text,
    words: Phrases,
    sender: str | None,
    exercise: bool,
    base_url: str,
) -> Content:
    if channel is ChannelName.SMS:
        return sms(tag, text.sms or "", words, sender=sender, exercise=exercise)
    return email(
        tag,
        text.subject or "",
        text.body or "",
        words,
        sender=sender,
        exercise=exercise,
        answer_address=f"{base_url}/link",
    )
