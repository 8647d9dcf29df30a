"""Why a delivery failed, was held back or waits, in plain words."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from alerts.channels.gateway.codes import MEANINGS as CARRIER
from alerts.channels.twilio.codes import MEANINGS

OWN: Final = MappingProxyType(
    {
        "unreachable": "earlier messages to this address failed for good",
        "opted_out": "the person asked for no more messages",
        "unconfirmed": "the person has not confirmed the address",
        "paused": "the person has paused their messages",
        "erased": "the person has erased their registration",
        "no_answer": "the provider did not say whether it took the message",
        "cancelled": "the alert was cancelled first",
        "expired": "the alert expired first",
        "no_route": "no provider takes messages to this country at the moment",
        "unreadable": "the address could not be opened",
        "database": "the sandbox could not keep the message",
        "reference": "the sandbox does not know this message",
    }
)
MAIL: Final = MappingProxyType(
    {
        "4": "the mail server puts it off",
        "5": "the mail server refuses this address",
    }
)


def plain_reason(channel: str, code: str | None) -> str:
    """A provider's code, or our own word, as a clause; the code itself where nothing is known of it."""
    if not code:
        return ""
    if code in OWN:
        return OWN[code]
    if channel == "sms" and code in CARRIER:
        return CARRIER[code].words
    if channel == "sms" and code.isascii() and code.isdigit():
        known = MEANINGS.get(int(code))
        return known.words if known else f"the provider says {code}"
    if channel == "email" and code[:1] in MAIL:
        return f"{MAIL[code[:1]]} ({code})"
    return code.replace("_", " ")
