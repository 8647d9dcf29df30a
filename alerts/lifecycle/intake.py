"""What an officer or a program may ask to be sent, in the shape of `POST /alerts`."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from alerts.audience.intake import AudienceIntake, read_audience
from alerts.lifecycle.crises import NATURAL_DISASTER, normalise_crisis
from alerts.lifecycle.models import AlertType, Level, Severity
from alerts.messages.intake import Text, read_texts
from registry.checking import Checker

LONGEST = timedelta(days=366)
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class AlertIntake:
    """An alert as given, all in normal form. In a preview, what was left out has a harmless default."""

    audience: AudienceIntake
    texts: Mapping[str, Text]
    """By BCP 47 tag."""
    type: AlertType
    level: Level
    crisis: str
    severity: Severity
    expires_at: datetime
    next_update_at: datetime | None = None
    exercise: bool = False
    follows: uuid.UUID | None = None
    """Public id of the alert that an update, an all clear or a cancel follows."""


def read_alert(data: Mapping[str, Any], *, preview: bool = False) -> AlertIntake:
    """Check and normalise a whole alert. Raises Invalid with every error, each naming its field.

    A preview needs an area only, and checks of the rest what is given.
    """
    check = Checker()
    audience = read_audience(check, data, all_channels=preview)
    texts = read_texts(check, data, audience.channels, optional=preview)
    kind = _choice(check, data, "type", AlertType, AlertType.ALERT if preview else None)
    level = _choice(check, data, "level", Level, Level.PRECAUTIONARY if preview else None)
    severity = _choice(check, data, "severity", Severity, Severity.UNKNOWN if preview else None)
    crisis = _crisis(check, data, NATURAL_DISASTER if preview else None)
    expires_at = _expiry(check, data, required=not preview)
    intake = AlertIntake(
        audience,
        texts,
        kind,
        level,
        crisis,
        severity,
        expires_at,
        _next_update(check, data, expires_at),
        _exercise(check, data),
        _follows(check, data, kind),
    )
    if audience.reached_by and kind is AlertType.ALERT and data.get("type"):
        check.fail("filters.reached_by", "unexpected", "is for what follows another alert, not for a new one")
    check.done()
    return intake


def _choice(check: Checker, data: Mapping[str, Any], field: str, kind: type[E], default: E | None) -> E:
    first = next(iter(kind))
    word = check.text(data, field, field, 40)
    if word is None:
        if default is None and not any(error.field == field for error in check.errors):
            check.fail(field, "required", f"must be one of {_listed(kind)}")
        return default or first
    key = re.sub(r"[\s_-]+", "", word.casefold())
    found = next((member for member in kind if member.value.replace("_", "") == key), None)
    if found is None:
        check.fail(field, "unknown", f"must be one of {_listed(kind)}")
    return found or first


def _listed(kind: type[StrEnum]) -> str:
    return ", ".join(member.value for member in kind)


def _crisis(check: Checker, data: Mapping[str, Any], default: str | None) -> str:
    word = check.text(data, "crisis", "crisis", 80)
    if word is None:
        if default is None and not any(error.field == "crisis" for error in check.errors):
            check.fail("crisis", "required", "say which conflict or natural disaster it is")
        return default or ""
    found = normalise_crisis(word)
    if found is None:
        check.fail(
            "crisis", "out_of_scope", "must be a conflict or natural disaster, such as coup or earthquake"
        )
    return found or ""


def _expiry(check: Checker, data: Mapping[str, Any], *, required: bool) -> datetime:
    now = datetime.now(UTC)
    expires_at = _moment(check, data, "expires_at", now)
    if expires_at is None:
        if required and not any(error.field == "expires_at" for error in check.errors):
            check.fail("expires_at", "required", "say until when it holds, such as 2027-01-31T18:00:00Z")
    elif expires_at > now + LONGEST:
        check.fail("expires_at", "range", f"must be within {LONGEST.days} days")
    return expires_at or now + timedelta(days=1)


def _next_update(check: Checker, data: Mapping[str, Any], expires_at: datetime) -> datetime | None:
    moment = _moment(check, data, "next_update_at", datetime.now(UTC))
    if moment and moment > expires_at:
        check.fail("next_update_at", "order", "must not be after the alert expires")
    return moment


def _moment(check: Checker, data: Mapping[str, Any], field: str, now: datetime) -> datetime | None:
    """An aware moment in the future (ISO 8601), in UTC."""
    value = data.get(field)
    if value is None or value == "":
        return None
    try:
        given = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        moment = given.astimezone(UTC) if given.tzinfo else None
    except (ValueError, OverflowError):
        check.fail(field, "datetime", "must be a date and time such as 2027-01-31T18:00:00Z")
        return None
    if moment is None:
        check.fail(field, "timezone", "must say its time zone: Z or such as +02:00 at its end")
    elif moment <= now:
        check.fail(field, "past", "must be in the future")
    return moment


def _exercise(check: Checker, data: Mapping[str, Any]) -> bool:
    value = data.get("exercise")
    if value is not None and not isinstance(value, bool):
        check.fail("exercise", "type", "must be true or false")
    return value is True


def _follows(check: Checker, data: Mapping[str, Any], kind: AlertType) -> uuid.UUID | None:
    value = data.get("follows")
    if value is None or value == "":
        return None
    try:
        found = uuid.UUID(str(value))
    except ValueError:
        check.fail("follows", "id", "is not the id of an alert")
        return None
    if kind is AlertType.ALERT:
        check.fail("follows", "unexpected", "only an update, an all clear or a cancel follows another alert")
    return found
