"""The texts of an alert as they leave the house: rendered once for each language, not for each recipient."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from alerts.channels.base import Content
from alerts.delivery.claims import Claim
from alerts.messages.services import contents
from alerts.text.gsm import measure
from registry.organisations.models import Organisation

Key = tuple[str, str, bool]
"""Channel, language, quiet."""
KEPT = 64


@dataclass(frozen=True, slots=True)
class Texts:
    """Contents, and the segments of those that are SMS."""

    contents: dict[Key, Content]
    segments: dict[Key, int]


_kept: OrderedDict[tuple[bytes, str, str], Texts] = OrderedDict()
_lock = Lock()


def texts_of(claim: Claim, organisation: Organisation, base_url: str) -> Texts:
    """The texts of a claimed alert, kept for the alerts that this process sent last."""
    key = (claim.snapshot_digest, organisation.sender_name, base_url)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    rendered = contents(claim.snapshot, organisation.sender_name, base_url)
    texts = Texts(
        rendered,
        {place: measure(content.text).segments for place, content in rendered.items() if place[0] == "sms"},
    )
    with _lock:
        _kept[key] = texts
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return texts
