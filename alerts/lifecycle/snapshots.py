"""What was approved, word for word, and its digest: sending reads only this."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from alerts.audience.criteria import Criteria
from alerts.audience.intake import AudienceIntake
from alerts.lifecycle.intake import AlertIntake
from alerts.lifecycle.models import Alert
from alerts.messages.intake import Text
from alerts.messages.services import frame, spoken, stand_ins
from alerts.messages.standing import standing
from registry.organisations.models import Organisation
from registry.people.models import ChannelName


def audience_of(alert: Alert) -> AudienceIntake:
    """The audience that the alert's columns describe."""
    return AudienceIntake(
        countries=tuple(alert.area["countries"]),
        channels=tuple(map(ChannelName, alert.channels)),
        subdivisions=tuple(alert.area.get("subdivisions", ())),
        **{name: tuple(words) for name, words in alert.filters.items()},
    )


def intake_of(alert: Alert) -> AlertIntake:
    """The alert as it could be given again, for a preview or a form. Its thread is kept when it is edited."""
    return AlertIntake(
        audience_of(alert),
        texts_of(alert),
        alert.type,
        alert.level,
        alert.crisis,
        alert.severity,
        alert.expires_at,
        alert.next_update_at,
        alert.exercise,
    )


def texts_of(alert: Alert) -> dict[str, Text]:
    """The words that the alert's columns hold, by language."""
    return {tag: Text(**text) for tag, text in alert.texts.items()}


def freeze(alert: Alert, criteria: Criteria, organisation: Organisation, audience: int) -> dict[str, Any]:
    """The snapshot: plain JSON values only. `audience` is the number of contact points reached as it is approved."""
    texts = texts_of(alert)
    return {
        "type": alert.type.value,
        "level": alert.level.value,
        "crisis": alert.crisis,
        "severity": alert.severity.value,
        "area": alert.area,
        "filters": alert.filters,
        "channels": list(alert.channels),
        "texts": {tag: text.as_dict() for tag, text in texts.items()},
        "languages": _languages(texts, alert.channels),
        "default_language": organisation.default_language,
        "sender_name": organisation.sender_name,
        "phrases": frame(texts, alert.type),
        "standing": standing(texts),
        "criteria": criteria.as_dict(),
        "expires_at": _moment(alert.expires_at),
        "next_update_at": _moment(alert.next_update_at),
        "exercise": alert.exercise,
        "audience": audience,
    }


def _languages(texts: Mapping[str, Text], channels: Sequence[str]) -> dict[str, list[str]]:
    """Of the texts for each channel; also for those not chosen, over which the next contact point of people may be
    tried whom the others don't reach."""
    found = {channel: list(spoken(texts, ChannelName(channel))) for channel in channels}
    for other in ChannelName:
        if other.value not in channels and (tags := list(stand_ins(texts, other))):
            found[other.value] = tags
    return found


def digest(snapshot: Mapping[str, Any]) -> bytes:
    """SHA-256 over the snapshot's canonical JSON (keys sorted, no blanks, UTF-8)."""
    return sha256(
        json.dumps(snapshot, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).digest()


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
