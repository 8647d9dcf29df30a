"""What SMPP 3.4 says of a message, by error (§5.1.3) and by final state (Appendix B), as data."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from alerts.channels.base import Outcome, Receipt


class Meaning(NamedTuple):
    """The treatment, and words for an officer."""

    outcome: Outcome
    words: str
    once: bool = False  # worth one more try only


_LATER, _NEVER, _US = Outcome.LATER, Outcome.NEVER, Outcome.US
_UNSAID = Meaning(_LATER, "not delivered, no reason given", once=True)

MEANINGS: Final[dict[str, Meaning]] = {
    "EXPIRED": Meaning(_LATER, "the phone could not be reached in time"),
    "DELETED": Meaning(Outcome.EXPIRED, "the carrier deleted it"),
    "UNDELIV": Meaning(_LATER, "the carrier could not deliver it", once=True),
    "REJECTD": Meaning(_LATER, "the carrier rejected it", once=True),
    "UNKNOWN": _UNSAID,
    "ESME_RINVDSTADR": Meaning(_NEVER, "the carrier finds no such number"),
    "ESME_RINVSRCADR": Meaning(_US, "the carrier refuses our sender"),
    "ESME_RMSGQFUL": Meaning(_LATER, "the carrier's queue is full"),
    "ESME_RTHROTTLED": Meaning(_LATER, "the carrier's rate was exceeded"),
    "ESME_RSYSERR": Meaning(_LATER, "the carrier had a fault", once=True),
    "ESME_RSUBMITFAIL": Meaning(_LATER, "the carrier could not take it", once=True),
}
_STATUSES: Final = {
    0x08: "ESME_RSYSERR",
    0x0A: "ESME_RINVSRCADR",
    0x0B: "ESME_RINVDSTADR",
    0x14: "ESME_RMSGQFUL",
    0x45: "ESME_RSUBMITFAIL",
    0x58: "ESME_RTHROTTLED",
}
_WORD = re.compile(r"\b(?:stat:(\w+)|0x([0-9a-fA-F]{1,8})|(ESME_\w+))")


def failed(answer: str, provider_id: str | None) -> Receipt:
    """A receipt for a message that was not delivered; `answer` is the carrier's, in whatever wrapping."""
    found = _WORD.search(answer)
    code = answer.strip().upper()
    if found:
        code = found[1] or found[3] or _STATUSES.get(int(found[2], 16), f"0x{int(found[2], 16):02x}")
    meaning = MEANINGS.get(code, _UNSAID)
    extra = {"reason": meaning.words} | ({"once": "yes"} if meaning.once else {})
    return Receipt("failed", provider_id, code[:40] or None, meaning.outcome, extra)
