"""From what was approved to what is sent: one content for each channel, language and mode."""

from __future__ import annotations

from collections.abc import Mapping
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


def spoken(texts: Mapping[str, Text], channel: ChannelName) -> tuple[str, ...]:
    """The languages in which the texts have all that a channel needs."""
    return tuple(tag for tag, text in texts.items() if text.speaks(channel))


def contents(snapshot: Mapping[str, Any], sender_name: str, base_url: str) -> dict[Key, Content]:
    """Every content that an approved alert can send; see `contents_of`."""
    return contents_of(
        {tag: Text(**text) for tag, text in snapshot["texts"].items()},
        tuple(map(ChannelName, snapshot["channels"])),
        AlertType(snapshot["type"]),
        sender_name,
        base_url,
        exercise=bool(snapshot["exercise"]),
    )


def contents_of(
    texts: Mapping[str, Text],
    channels: tuple[ChannelName, ...],
    kind: AlertType,
    sender_name: str,
    base_url: str,
    *,
    exercise: bool,
) -> dict[Key, Content]:
    """Every content of these texts. The officer's words are never changed.

    Which language a person gets, `pick_language` says, channel by channel.
    """
    found: dict[Key, Content] = {}
    for channel in channels:
        for tag in spoken(texts, channel):
            words = phrases(tag, kind)
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
