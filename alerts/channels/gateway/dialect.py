"""What the dialects of gateways have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from alerts.channels.base import Outcome, Receipt, Result


@dataclass(frozen=True, slots=True)
class Sending:
    """One message in no dialect."""

    to: str  # E.164
    text: str
    unicode: bool  # it doesn't fit GSM 03.38
    minutes: int  # after which it is pointless
    receipts_url: str  # where its receipts go; empty for none


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message from a phone, as a gateway hands it on. Nothing in it is checked yet."""

    sender: str
    text: str
    provider_id: str


class Dialect(Protocol):
    """How a gateway is spoken to, and what its words mean."""

    @property
    def method(self) -> str:
        """GET or POST."""
        ...

    def form(self, sending: Sending) -> dict[str, str]:
        """The parameters of a request, but for the account and the sender."""
        ...

    def result(self, key: int, status: int, text: str) -> Result:
        """What an HTTP answer means."""
        ...

    def receipt(self, form: Mapping[str, str]) -> Receipt | None:
        """A receipt's parameters in the ledger's words, or None for what is not one."""
        ...

    def arrival(self, form: Mapping[str, str]) -> Arrival | None:
        """A message from a phone, or None for what is not one."""
        ...

    @property
    def answers(self) -> bool:
        """Whether it sends what we answer back to the phone; otherwise an answer is a message of its own."""
        ...

    @property
    def thanks(self) -> str:
        """What the gateway wants to hear once it has told us."""
        ...


def of_status(key: int, status: int, text: str) -> Result:
    """What a status means that the gateway's own words don't explain. It quotes nothing: the text may name a number."""
    code = f"HTTP {status}"
    if status == 429:
        return Result(key, Outcome.LATER, code=code, detail="the gateway is busy")
    if status >= 500 or 200 <= status < 300:
        return Result(key, Outcome.UNKNOWN, code=code, detail="an answer that says nothing")
    if status in (401, 403):
        return Result(key, Outcome.US, code=code, detail="the gateway refuses the account's credentials")
    return Result(key, Outcome.US, code=code, detail="the gateway refuses our requests")
