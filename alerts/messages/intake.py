"""The words of an alert, by language and channel, as given by an officer or a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from alerts.channels.base import UNSUBSCRIBE
from registry.checking import CONTROL, Checker
from registry.people.intake import read_language
from registry.people.models import ChannelName

MAX_SMS = 1600
"""Characters, those beyond the BMP counted twice, with all that is added to them (Twilio's limit for a message)."""
MAX_SUBJECT = 200
MAX_BODY = 20_000
MAX_LANGUAGES = 60


@dataclass(frozen=True, slots=True)
class Text:
    """An alert's words in one language; a channel without its words is not spoken in this language."""

    sms: str | None = None
    subject: str | None = None
    body: str | None = None

    def speaks(self, channel: ChannelName) -> bool:
        """Whether it has all that the channel needs."""
        return bool(self.sms) if channel is ChannelName.SMS else bool(self.subject and self.body)

    def as_dict(self) -> dict[str, str]:
        """As the alert keeps it: only what is there."""
        return {name: value for name, value in asdict(self).items() if value}


def read_texts(
    check: Checker, data: Mapping[str, Any], channels: tuple[ChannelName, ...], *, optional: bool = False
) -> dict[str, Text]:
    """Read "texts". Each of the channels needs its words in at least one language, unless `optional`."""
    given = data.get("texts")
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        check.fail("texts", "type", 'must be an object, such as {"en": {"sms": …}}')
        return {}
    if len(given) > MAX_LANGUAGES:
        check.fail("texts", "length", f"at most {MAX_LANGUAGES} languages")
        return {}
    texts: dict[str, Text] = {}
    for key, item in given.items():
        tag = _tag(check, str(key))
        if tag in texts:
            check.fail(f"texts.{tag}", "repeated", "is given twice")
        elif tag:
            texts[tag] = _text(check, item, f"texts.{tag}")
    texts = {tag: text for tag, text in texts.items() if text != Text()}
    if not any(error.field.startswith("texts") for error in check.errors):
        _check_complete(check, texts, channels, optional=optional)
    return texts


def _tag(check: Checker, key: str) -> str | None:
    inner = Checker()
    tag = read_language(inner, {"language": key})
    if inner.errors or tag is None:
        check.fail(
            f"texts.{key[:20]!r}".replace("'", ""), "language", "is not a language tag of BCP 47, such as fr"
        )
        return None
    return tag


def _text(check: Checker, item: object, path: str) -> Text:
    if item is None:
        return Text()
    if not isinstance(item, Mapping):
        check.fail(path, "type", "must be an object with sms, or subject and body")
        return Text()
    for name in item.keys() - {"sms", "subject", "body"}:
        check.fail(f"{path}.{name}"[:80], "unknown", "is not part of a text; there are sms, subject and body")
    subject = check.text(item, "subject", f"{path}.subject", MAX_SUBJECT)
    if subject and UNSUBSCRIBE in subject:
        check.fail(f"{path}.subject", "characters", "holds characters that can't be sent")
    return Text(
        _block(check, item, "sms", path, MAX_SMS), subject, _block(check, item, "body", path, MAX_BODY)
    )


def _block(check: Checker, item: Mapping[str, Any], name: str, path: str, limit: int) -> str | None:
    """Text of several lines, kept as it is but for line ends and blanks around it."""
    value = item.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        check.fail(f"{path}.{name}", "type", "must be text")
        return None
    value = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(value) > limit:
        check.fail(f"{path}.{name}", "length", f"must have at most {limit:,} characters")
    if CONTROL.search(value) or "\ufffd" in value or UNSUBSCRIBE in value:
        check.fail(f"{path}.{name}", "characters", "holds characters that can't be sent")
    return value or None


def _check_complete(
    check: Checker, texts: dict[str, Text], channels: tuple[ChannelName, ...], *, optional: bool
) -> None:
    for tag, text in texts.items():
        if bool(text.subject) != bool(text.body):
            missing = "body" if text.subject else "subject"
            check.fail(f"texts.{tag}.{missing}", "required", f"an email needs its {missing} too")
    if optional or any(error.field.startswith("texts") for error in check.errors):
        return
    if not texts:
        check.fail("texts", "required", "write the message in at least one language")
        return
    first = next(iter(texts))
    for channel in channels:
        if not any(text.speaks(channel) for text in texts.values()):
            for name in ("sms",) if channel is ChannelName.SMS else ("subject", "body"):
                check.fail(f"texts.{first}.{name}", "required", f"is needed to send by {channel}")
