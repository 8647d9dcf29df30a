"""Which alerts are in force. The session is scoped to all organisations; nothing here tells of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from alerts.lifecycle.models import Alert, AlertState, AlertType, Level, Severity
from alerts.messages.languages import pick_language

PUBLISHED = (AlertState.SENDING, AlertState.SENT)
GRAVEST = (Level.MANDATORY_RETURN, Level.VOLUNTARY_RETURN, Level.RESTRICTION, Level.PRECAUTIONARY)
MOST_SEVERE = tuple(Severity)
LATEST = 1000
"""Alerts in force at one time, at most; older ones are not looked at."""


@dataclass(frozen=True, slots=True)
class Notice:
    """An alert as the public reads it, all of it as approved."""

    organisation: str
    type: AlertType
    level: Level
    crisis: str
    severity: Severity
    subdivisions: tuple[str, ...]
    """Of the country in question; empty for all of it."""
    language: str
    """Of heading and text."""
    heading: str | None
    text: str
    short: str
    """As the SMS says it, where there is one."""
    at: datetime
    next_update_at: datetime | None
    expires_at: datetime


def countries(session: Session) -> dict[str, int]:
    """The countries with alerts in force, and how many of them each has."""
    published = _published(session)
    codes = {code for alert in published for code in alert.area["countries"]}
    counts = {code: len(_in_force(published, code)) for code in sorted(codes)}
    return {code: number for code, number in counts.items() if number}


def in_force(session: Session, country: str, language: str) -> list[Notice]:
    """A country's alerts in force, the gravest first, each in the language asked for or the next best."""
    found = [_notice(alert, country, language) for alert in _in_force(_published(session), country)]
    return sorted(found, key=_gravity)


def _published(session: Session) -> Sequence[Alert]:
    """Those that have gone out, are no exercise and have not expired; the latest first."""
    return session.scalars(
        select(Alert)
        .options(joinedload(Alert.organisation))
        .where(
            Alert.state.in_(PUBLISHED),
            Alert.exercise.is_(False),
            Alert.standing.is_(None),
            Alert.expires_at > func.now(),
        )
        .order_by(Alert.approved_at.desc())
        .limit(LATEST)
    ).all()


def _in_force(published: Sequence[Alert], country: str) -> list[Alert]:
    """Of each thread only what was said last about the country; nothing when that takes it back."""
    latest: dict[int, Alert] = {}
    for alert in published:
        if country in alert.area["countries"]:
            latest.setdefault(alert.thread_id or alert.id, alert)
    return [alert for alert in latest.values() if alert.type is not AlertType.CANCEL]


def _gravity(notice: Notice) -> tuple[bool, int, int]:
    """Sorts dangers before all clears, then by level and severity; the latest stays first among equals."""
    over = notice.type is AlertType.ALL_CLEAR
    return over, GRAVEST.index(notice.level), MOST_SEVERE.index(notice.severity)


def _notice(alert: Alert, country: str, language: str) -> Notice:
    """As approved: the email's words, which say more, else the SMS's."""
    approved = alert.snapshot or {}
    texts: Mapping[str, Mapping[str, str]] = approved["texts"]
    tag = pick_language(language, texts, alert.organisation.default_language)
    words = texts[tag]
    return Notice(
        organisation=alert.organisation.name,
        type=alert.type,
        level=alert.level,
        crisis=alert.crisis,
        severity=alert.severity,
        subdivisions=tuple(code for code in alert.area.get("subdivisions", ()) if code[:2] == country),
        language=tag,
        heading=words.get("subject"),
        text=words.get("body") or words.get("sms", ""),
        short=words.get("sms") or words.get("subject") or "",
        at=alert.approved_at or alert.updated_at,
        next_update_at=alert.next_update_at,
        expires_at=alert.expires_at,
    )
