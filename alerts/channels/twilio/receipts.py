"""What Twilio posts back: delivery receipts, and the signature that proves who posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from twilio.request_validator import RequestValidator

from alerts.channels.base import Outcome, Receipt
from alerts.channels.twilio.codes import of_failure

RETRIES: Final = "#rc=5&rp=all"
"""Ends a receipts address: asks Twilio to post up to five times more, whatever went wrong."""

_STATES: Final = {
    "accepted": "accepted",
    "scheduled": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "sent": "sent",
    "partially_delivered": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}


def read_receipt(form: Mapping[str, str]) -> Receipt:
    """A status callback's form in the ledger's words. Check `valid_signature` first.

    A status we don't know reads as `accepted`, the lowest, which moves nothing. For `failed`, `outcome` says
    what the code means for the address, `extra["reason"]` says it in words, and `extra["once"]` is there when
    one more try is worth while and no more.
    """
    status = form.get("MessageStatus", "")
    state = _STATES.get(status, "accepted")
    receipt = Receipt(state, form.get("MessageSid"))
    if status == "canceled":
        receipt.outcome = Outcome.EXPIRED
    elif state == "failed":
        code = _number(form.get("ErrorCode"))
        meaning = of_failure(code)
        receipt.code = None if code is None else str(code)
        receipt.outcome = meaning.outcome
        receipt.extra = {"reason": meaning.words} | ({"once": "yes"} if meaning.once else {})
    return receipt


def valid_signature(tokens: Sequence[str], url: str, form: Mapping[str, str], header: str | None) -> bool:
    """Whether X-Twilio-Signature was made over this public `url` (no fragment) and form by one of the tokens.

    Pass the token in use and, while it is being rotated, the other one. Without a header or a token: False.
    """
    if not header:
        return False
    # Every token is tried, so that the time taken doesn't tell which one was right.
    # Twilio signs the address without its fragment; should it keep ours, that is as good a proof.
    checks = [
        RequestValidator(token).validate(address, form, header)
        for token in tokens
        if token
        for address in (url, url + RETRIES)
    ]
    return any(checks)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None
