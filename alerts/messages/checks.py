"""Whether texts can be sent as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from alerts.lifecycle.models import AlertType
from alerts.messages.intake import MAX_SMS, Text
from alerts.messages.services import contents_of
from alerts.text import length
from registry.errors import FieldError, Invalid
from registry.people.models import ChannelName

BLANKS = ("place", "area", "phone", "meeting_point", "time", "route")
"""What the ready templates leave to be filled in, in braces."""
_BLANK = re.compile(r"\{(" + "|".join(BLANKS) + r")\}")


def check_fit(texts: Mapping[str, Text], kind: AlertType, sender_name: str, *, exercise: bool) -> None:
    """Raise Invalid for every SMS that is too long together with what is added to it."""
    framed = contents_of(texts, (ChannelName.SMS,), kind, sender_name, "", exercise=exercise)
    errors = []
    for (_, tag, quiet), content in framed.items():
        over = length(content.text) - MAX_SMS
        if over > 0 and not quiet:
            message = f"is {over:,} characters too long, with the sender's name and how to answer"
            errors.append(FieldError(f"texts.{tag}.sms", "length", message))
    if errors:
        raise Invalid(errors)


def check_filled(texts: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise Invalid for every text in which a blank of a template is left."""
    errors = [
        FieldError(f"texts.{tag}.{name}", "blank", f"still says {blank.group()}: fill it in")
        for tag, text in texts.items()
        for name, words in text.items()
        if (blank := _BLANK.search(words))
    ]
    if errors:
        raise Invalid(errors)
