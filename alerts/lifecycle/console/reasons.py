"""Why a delivery failed, was held back or waits, in plain words."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from alerts.channels.gateway.codes import MEANINGS as CARRIER
from alerts.channels.twilio.codes import MEANINGS
from registry.i18n import mark
from registry.web.language import gettext

OWN: Final = MappingProxyType(
    {
        "unreachable": mark("earlier messages to this address failed for good"),
        "opted_out": mark("the person asked for no more messages"),
        "unconfirmed": mark("the person has not confirmed the address"),
        "paused": mark("the person has paused their messages"),
        "hours": mark("they wait for the hours that people in quiet mode have chosen"),
        "erased": mark("the person has erased their registration"),
        "no_answer": mark("the provider did not say whether it took the message"),
        "cancelled": mark("the alert was cancelled first"),
        "expired": mark("the alert expired first"),
        "no_route": mark("no provider takes messages to this country at the moment"),
        "unreadable": mark("the address could not be opened"),
        "database": mark("the sandbox could not keep the message"),
        "reference": mark("the sandbox does not know this message"),
    }
)
MAIL: Final = MappingProxyType(
    {
        "4": mark("the mail server puts it off"),
        "5": mark("the mail server refuses this address"),
    }
)


def plain_reason(channel: str, code: str | None) -> str:
    """A provider's code, or our own word, as a clause; the code itself where nothing is known of it."""
    if not code:
        return ""
    if code in OWN:
        return gettext(OWN[code])
    if channel == "sms" and code in CARRIER:
        return CARRIER[code].words
    if channel == "sms" and code.isascii() and code.isdigit():
        known = MEANINGS.get(int(code))
        return known.words if known else gettext("the provider says %(code)s", code=code)
    if channel == "email" and code[:1] in MAIL:
        return f"{gettext(MAIL[code[:1]])} ({code})"
    return code.replace("_", " ")
