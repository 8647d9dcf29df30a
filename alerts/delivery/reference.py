"""The signed reference by which a provider names a message to us: in callback addresses, headers and Message-IDs.

Neither Twilio nor SMTP takes a reference of the client's own, so the address that receipts come back to carries it.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass

from registry.crypto import sign, signed_matches

LAYOUT = struct.Struct(">BQQQ")
PURPOSE = "delivery reference"
KINDS = {"sms": 1, "email": 2, "notice": 3, "officer": 4, "outgoing": 5}
NAMES = {number: name for name, number in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Reference:
    """`channel` is "sms" or "email", and `number` the alert's; or "notice", and `number` the notice's; or "officer",
    and `number` the mail's and `contact_point_id` the officer's; or "outgoing", and `number` the message's."""

    organisation_id: int
    channel: str
    number: int
    contact_point_id: int
    resent: int = 0
    """How many messages of this delivery went before; 15 at the most. A receipt of an earlier one is told by it."""


def make(
    signing_key: bytes,
    organisation_id: int,
    channel: str,
    number: int,
    contact_point_id: int,
    resent: int = 0,
) -> str:
    """URL-safe text of 50 characters."""
    payload = LAYOUT.pack(KINDS[channel] | resent << 4, organisation_id, number, contact_point_id)
    return base64.urlsafe_b64encode(payload + sign(signing_key, PURPOSE, payload)).rstrip(b"=").decode()


def read(signing_key: bytes, text: str) -> Reference | None:
    """The reference, or None for anything that we did not sign."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return None
    payload, tag = raw[: LAYOUT.size], raw[LAYOUT.size :]
    if len(payload) != LAYOUT.size or not signed_matches(signing_key, PURPOSE, payload, tag):
        return None
    kind, organisation_id, number, contact_point_id = LAYOUT.unpack(payload)
    return Reference(organisation_id, NAMES.get(kind & 15, "notice"), number, contact_point_id, kind >> 4)
