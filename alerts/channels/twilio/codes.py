"""What Twilio's error codes mean to us (https://www.twilio.com/docs/api/errors), as data."""

from __future__ import annotations

from typing import Final, NamedTuple

from alerts.channels.base import Outcome


class Meaning(NamedTuple):
    """The treatment of a code, and words for the officer or engineer who reads why."""

    outcome: Outcome
    words: str
    once: bool = False  # worth one more try only


_LATER, _NEVER, _US = Outcome.LATER, Outcome.NEVER, Outcome.US

MEANINGS: Final[dict[int, Meaning]] = {
    # Not processed, or not for now: the same message may be handed over again.
    20429: Meaning(_LATER, "Twilio is busy"),
    21611: Meaning(_LATER, "the sender's queue is full"),
    30001: Meaning(_LATER, "the sender's queue overflowed"),
    30003: Meaning(_LATER, "the phone is switched off or out of reach"),
    30008: Meaning(_LATER, "not delivered, no reason given", once=True),
    30017: Meaning(_LATER, "the carrier's network is congested"),
    30022: Meaning(_LATER, "the carrier's rate was exceeded"),
    # This number can't be reached.
    21211: Meaning(_NEVER, "not a valid phone number"),
    21265: Meaning(_NEVER, "a short code can't be texted"),
    21614: Meaning(_NEVER, "not a mobile number"),
    21635: Meaning(_NEVER, "a landline can't be texted"),
    30005: Meaning(_NEVER, "the number is unknown to its carrier"),
    30006: Meaning(_NEVER, "a landline, or a carrier that can't be reached"),
    21610: Meaning(Outcome.OPTED_OUT, "the person replied STOP"),
    # Our account, sender or text is at fault: every further message would fail alike.
    20003: Meaning(_US, "Twilio refuses the account's credentials, or the account is suspended"),
    20404: Meaning(_US, "the account was not found: check the account SID and the API address"),
    21408: Meaning(Outcome.COUNTRY, "sending to this country is not enabled in the Twilio console"),
    21602: Meaning(_US, "the text is empty"),
    21603: Meaning(_US, "no sender is set"),
    21606: Meaning(_US, "the sender can't send text messages"),
    21608: Meaning(_US, "a trial account sends to verified numbers only"),
    21617: Meaning(_US, "the text is longer than 1,600 characters"),
    21701: Meaning(_US, "the messaging service was not found"),
    21703: Meaning(_US, "the messaging service has no sender"),
    21704: Meaning(_US, "the messaging service has no sender"),
    30002: Meaning(_US, "the account is suspended"),
    30007: Meaning(_US, "filtered as spam by Twilio or a carrier"),
    30032: Meaning(_US, "the toll-free sender is not verified"),
    30034: Meaning(_US, "the sender is not registered for the United States (A2P 10DLC)"),
    # Over: sending the same again would be pointless.
    30004: Meaning(Outcome.EXPIRED, "the message was blocked on its way"),
    30036: Meaning(Outcome.EXPIRED, "its validity ran out before it could be delivered"),
}


def of_refusal(status: int, code: int | None) -> Meaning:
    """What a refusal with this HTTP status and Twilio code means. A code not in the table goes by the status.

    Only a 400 that carries a code speaks of the one message. Any other 4xx, or one without a code, comes from
    a wrong address, a proxy or the account: were it taken to speak of the number, one wrong setting would
    write off a whole registry.
    """
    if code in MEANINGS:
        return MEANINGS[code]
    words = f"HTTP {status}" if code is None else f"HTTP {status}, code {code}"
    if status == 429:
        return Meaning(_LATER, f"Twilio is busy ({words})")
    if status >= 500:
        return Meaning(Outcome.UNKNOWN, f"Twilio failed ({words})")
    if status == 400 and code is not None:
        return Meaning(_NEVER, f"Twilio refuses this message ({words})")
    return Meaning(_US, f"Twilio refuses our requests ({words})")


def of_failure(code: int | None) -> Meaning:
    """What a receipt's error code means. An unknown one proves nothing: worth one more try."""
    if code in MEANINGS:
        return MEANINGS[code]
    return Meaning(
        _LATER, f"not delivered (code {code})" if code else "not delivered, no reason given", once=True
    )
