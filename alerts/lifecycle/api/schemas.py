"""The shapes of alerts in the API."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from pydantic import Field

from alerts.lifecycle.models import AlertState, AlertType, Level, Severity
from registry.api.pages import Page
from registry.api.schemas import Given, Shown, absent

SPELLING = "In any case, and with blanks, hyphens or underscores alike."


class AreaIn(Given):
    """Where: countries, and within them subdivisions."""

    countries: list[str] | None = Field(
        None, description="ISO 3166-1. May be left out where subdivisions name them.", examples=[["LB"]]
    )
    subdivisions: list[str] | None = Field(
        None, description="ISO 3166-2. A country of which some are named is narrowed to them."
    )
    circle: Any = Field(None, description="Refused: people are not located so finely.")
    polygon: Any = Field(None, description="Refused: people are not located so finely.")


class FiltersIn(Given):
    """Whom; an empty list filters nothing."""

    languages: list[str] | None = None
    nationalities: list[str] | None = None
    kinds: list[str] | None = None
    reached_by: list[uuid.UUID] | None = Field(
        None,
        description="Exactly those whom one of these alerts has reached, wherever they are now: for corrections."
        " No other filter goes with it.",
    )


class TextIn(Given):
    """The words in one language: `sms` for SMS, `subject` and `body` for email."""

    sms: str | None = None
    subject: str | None = None
    body: str | None = None


class AlertIn(Given):
    """An alert to draft."""

    type: str = Field(description=f"alert, update, all clear or cancel. {SPELLING}")
    level: str = Field(
        description=f"precautionary, restriction, voluntary return or mandatory return. {SPELLING}"
    )
    crisis: str = Field(description="A conflict or natural disaster, such as coup or earthquake.")
    severity: str = Field(description="CAP 1.2: extreme, severe, moderate, minor or unknown.")
    area: AreaIn
    filters: FiltersIn | None = None
    texts: dict[str, TextIn] = Field(description="By language (BCP 47).")
    channels: list[str] = Field(description="sms, email or both.")
    expires_at: datetime = Field(description="With its time zone; within 366 days.")
    next_update_at: datetime | None = None
    exercise: bool | None = Field(None, description="Marks every message, and can never become real.")
    follows: uuid.UUID | None = Field(
        None,
        description="The alert that an update, all clear or cancel follows; by default the latest there.",
    )


class PreviewIn(Given):
    """An alert as far as it is known; only the area is needed."""

    area: AreaIn
    type: str | None = None
    level: str | None = None
    crisis: str | None = None
    severity: str | None = None
    filters: FiltersIn | None = None
    texts: dict[str, TextIn] | None = None
    channels: list[str] | None = Field(None, description="By default both.")
    expires_at: datetime | None = None
    next_update_at: datetime | None = None
    exercise: bool | None = None
    follows: uuid.UUID | None = None


class AlertChanges(Given):
    """The fields to change, each as a whole. Any change makes the alert a draft again."""

    type: str = Field(default_factory=absent)
    level: str = Field(default_factory=absent)
    crisis: str = Field(default_factory=absent)
    severity: str = Field(default_factory=absent)
    area: AreaIn = Field(default_factory=absent)
    filters: FiltersIn | None = Field(default_factory=absent)
    texts: dict[str, TextIn] = Field(default_factory=absent)
    channels: list[str] = Field(default_factory=absent)
    expires_at: datetime = Field(default_factory=absent)
    next_update_at: datetime | None = Field(default_factory=absent)
    exercise: bool | None = Field(default_factory=absent)
    follows: uuid.UUID | None = Field(default_factory=absent)


class ReasonIn(Given):
    """Why."""

    reason: str | None = Field(None, max_length=1000)


class ApproveIn(Given):
    """What the approver saw."""

    audience: int | None = Field(
        None,
        ge=0,
        description="Contact points, as `audience` of the alert or its preview said. When it differs now by more than"
        " one in a hundred, nothing is approved: 409 `audience_changed`, with the number.",
    )
    people: int | None = Field(
        None, ge=0, description="People, as the preview said; a wrong number is refused, as on the console."
    )


class BreakGlassIn(Given):
    """What its author saw, and why nobody else can approve it in time."""

    reason: str = Field(min_length=1, max_length=1000)
    audience: int = Field(ge=0, description="As for approving.")
    people: int | None = Field(
        None, ge=0, description="People it goes to; required above the limit that asks an officer to type it."
    )


class ReturnIn(Given):
    """What is to be changed."""

    reason: str = Field(min_length=1, max_length=1000)


class Area(Shown):
    """Where, in ISO 3166."""

    countries: list[str]
    subdivisions: list[str]


class AlertSummary(Shown):
    """An alert as lists show it."""

    id: uuid.UUID
    state: AlertState
    type: AlertType
    level: Level
    crisis: str
    severity: Severity
    area: Area
    channels: list[str]
    exercise: bool
    follows: uuid.UUID | None = Field(description="The first alert of the thread.")
    author: str
    approver: str | None
    reason: str | None = Field(description="Why it was returned, paused or cancelled.")
    break_glass_reason: str | None = Field(description="Why its author sent it without an approver.")
    expires_at: datetime
    next_update_at: datetime | None
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    approved_at: datetime | None
    first_sent_at: datetime | None
    finished_at: datetime | None


class Alert(AlertSummary):
    """An alert and how far it has come."""

    filters: dict[str, list[str]]
    texts: dict[str, dict[str, str | None]]
    audience: int = Field(description="Contact points: as approved, or before that as of now.")
    tally: dict[str, dict[str, int]] = Field(
        description="By channel and state. Every state of every chosen channel is there, if only as 0."
    )


class AlertsPage(Page[AlertSummary]):
    """A page of alerts, the newest first."""


class Missing(Shown):
    """A language without a text on a channel."""

    channel: str
    language: str
    gets: str | None = Field(description="The language of the text that is sent instead.")
    contact_points: int


class SmsText(Shown):
    """One language's SMS as it will be sent."""

    language: str
    contact_points: int
    text: str
    encoding: str
    units: int
    segments: int
    culprits: list[str] = Field(description="The characters that make it dearer.")


class Preview(Shown):
    """An audience, counted exactly: contact points unless it says people."""

    audience: int
    people: int
    by_channel: dict[str, int]
    by_language: dict[str, dict[str, int]]
    by_state: dict[str, dict[str, int]] = Field(
        description="`reached` includes `quiet`; the others get nothing."
    )
    suppressed: dict[str, int] = Field(description="By reason, over all channels.")
    unplaced: int = Field(description="Counted in because it isn't known where in the country they are.")
    missing: list[Missing]
    sms: list[SmsText]
    segments: int | None = Field(description="Of all SMS; null while some have no text.")
    cost: float | None = Field(description="Of all segments; null where the price isn't known.")
    currency: str
    waiting: int = Field(
        description="Of `audience`: in quiet mode and outside their chosen hours now, for which their message waits."
    )
    duration: float | None = Field(
        description="Seconds until the last person has it, where the pace is known."
    )
