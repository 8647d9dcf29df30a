"""Kannel's sendsms (User's Guide, "SMS push" and "Delivery reports")."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.channels.base import Outcome, Receipt, Result
from alerts.channels.gateway.codes import failed
from alerts.channels.gateway.dialect import Arrival, Sending, of_status

_MASK = 1 | 2 | 4 | 8 | 16  # delivered, not delivered, buffered, taken by the carrier, refused by it
_STATES = {"1": "delivered", "4": "sent", "8": "sent"}
_FAILED = {"2", "16"}


class Kannel:
    """A sendsms user with `concatenation` on, so that long texts go out in parts."""

    method = "GET"
    thanks = ""
    answers = True

    def form(self, sending: Sending) -> dict[str, str]:
        """See Dialect."""
        form = {
            "to": sending.to,
            "text": sending.text,
            "charset": "UTF-8",
            "coding": "2" if sending.unicode else "0",
            "validity": str(sending.minutes),
        }
        if sending.receipts_url:
            form |= {"dlr-mask": str(_MASK), "dlr-url": f"{sending.receipts_url}?status=%d&answer=%A&id=%F"}
        return form

    def result(self, key: int, status: int, text: str) -> Result:
        """See Dialect. Its bodies are "0: Accepted for delivery", "3: Queued for later delivery", or a reason."""
        body = text.strip().lower()
        if 200 <= status < 300 and body.startswith(("0:", "3:", "sent")):
            return Result(key, Outcome.ACCEPTED)
        if status == 503 and "temporal" in body:
            return Result(key, Outcome.LATER, code="503", detail="the gateway can't take it now")
        if "not routable" in body:
            return Result(key, Outcome.COUNTRY, code="4", detail="the gateway has no line to this country")
        if status == 400 and "receiver" in body:
            return Result(key, Outcome.NEVER, code="receiver", detail="the gateway takes it for no number")
        return of_status(key, status, text)

    def receipt(self, form: Mapping[str, str]) -> Receipt | None:
        """See Dialect; the parameters are those of `dlr-url`."""
        status, provider_id = form.get("status", ""), form.get("id") or None
        if status in _STATES:
            return Receipt(_STATES[status], provider_id)
        return failed(form.get("answer", ""), provider_id) if status in _FAILED else None

    def arrival(self, form: Mapping[str, str]) -> Arrival | None:
        """See Dialect; the parameters are those of the `get-url` that we document."""
        sender, number = form.get("from", ""), form.get("id", "")
        return Arrival(sender, form.get("text", ""), number) if sender and number else None
