"""Jasmin's HTTP API (https://docs.jasminsms.com, "HTTP API")."""

from __future__ import annotations

import re
from collections.abc import Mapping

from alerts.channels.base import Outcome, Receipt, Result
from alerts.channels.gateway.codes import failed
from alerts.channels.gateway.dialect import Arrival, Sending, of_status

_SUCCESS = re.compile(r'Success "([^"]{1,80})"')
_STATES = {"ESME_ROK": "sent", "ACCEPTD": "sent", "ENROUTE": "sent", "DELIVRD": "delivered"}


class Jasmin:
    """An HTTP user who may send long content, set validity periods and ask for delivery receipts."""

    method = "POST"
    thanks = "ACK/Jasmin"
    answers = False

    def form(self, sending: Sending) -> dict[str, str]:
        """See Dialect. A "+" before the number is for its own routing, not for carriers."""
        form = {"to": sending.to.lstrip("+"), "validity-period": str(sending.minutes)}
        if sending.unicode:
            form |= {"coding": "8", "hex-content": sending.text.encode("utf-16-be", "replace").hex()}
        else:
            form |= {"coding": "0", "content": sending.text}
        if sending.receipts_url:
            form |= {"dlr": "yes", "dlr-level": "3", "dlr-method": "POST", "dlr-url": sending.receipts_url}
        return form

    def result(self, key: int, status: int, text: str) -> Result:
        """See Dialect. Its bodies are `Success "id"` and `Error "reason"`."""
        taken = _SUCCESS.search(text)
        if 200 <= status < 300 and taken:
            return Result(key, Outcome.ACCEPTED, taken[1])
        body = text.lower()
        if "throughput" in body:
            return Result(key, Outcome.LATER, code="throughput", detail="the gateway's rate was exceeded")
        if "cannot send submit_sm" in body:
            return Result(key, Outcome.LATER, code="connector", detail="the gateway can't take it now")
        if "no route found" in body:
            return Result(key, Outcome.COUNTRY, code="412", detail="the gateway has no line to this country")
        if status == 400 and "[to]" in body:
            return Result(key, Outcome.NEVER, code="receiver", detail="the gateway takes it for no number")
        return of_status(key, status, text)

    def receipt(self, form: Mapping[str, str]) -> Receipt | None:
        """See Dialect: level 1 tells what the carrier answered, level 2 what became of the message."""
        status, provider_id = form.get("message_status", ""), form.get("id") or None
        if status in _STATES:
            return Receipt(_STATES[status], provider_id)
        return failed(status, provider_id) if status else None

    def arrival(self, form: Mapping[str, str]) -> Arrival | None:
        """See Dialect. What isn't GSM 03.38 comes as UCS-2 in `binary`, in hexadecimal digits."""
        sender, number = form.get("from", ""), form.get("id", "")
        text = form.get("content", "")
        if form.get("coding") == "8" and form.get("binary"):
            try:
                text = bytes.fromhex(form["binary"]).decode("utf-16-be", "replace")
            except ValueError:
                return None
        return Arrival(sender, text, number) if sender and number else None
