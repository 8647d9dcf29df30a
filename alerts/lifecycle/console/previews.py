"""The live preview beside the composer: as much of it as an unfinished form allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from alerts.audience.preview import Missing, Preview, Rates
from alerts.audience.services import preview
from alerts.lifecycle.console.fields import data_of, texts_of
from alerts.lifecycle.console.lacking import Lack, lacking
from alerts.lifecycle.console.meters import Meter, meters
from alerts.lifecycle.intake import AlertIntake, read_alert
from alerts.lifecycle.models import AlertType
from alerts.lifecycle.ready import get_template
from alerts.lifecycle.threads import active_since, followed
from registry.errors import Invalid, NotFound
from registry.organisations.models import Officer, Organisation
from registry.staff.reach import beyond
from registry.web.forms import Form

ROUNDS = 4


class Bill(NamedTuple):
    """Of the SMS in one language."""

    phones: int
    segments: int
    cost: float | None
    """None where no price is set."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the composer shows beside the form."""

    audience: Preview | None
    """None while no country is chosen."""
    meters: dict[str, Meter]
    unread: frozenset[str]
    """Languages whose text began as a ready one that no speaker of it has read."""
    lacking: list[Lack]
    elsewhere: tuple[str, ...] = ()
    """Chosen countries that the officer's post does not serve: then nothing is counted."""
    segment_price: float | None = None

    def bill(self, tag: str) -> Bill | None:
        """What one language's SMS comes to; None while it isn't known whom it reaches."""
        found = (
            next((text for text in self.audience.sms if text.language == tag), None)
            if self.audience
            else None
        )
        if found is None:
            return None
        segments = found.contact_points * found.measure.segments
        cost = None if self.segment_price is None else segments * self.segment_price
        return Bill(found.contact_points, segments, cost)


def look(session: Session, officer: Officer, form: Form, rates: Rates) -> Look:
    """Count the audience and measure the texts of a form, finished or not. Never raises for what stands in it."""
    data, organisation = data_of(form), officer.organisation
    intake = readable(data)
    kind = intake.type if intake else AlertType.ALERT
    exercise = form.chosen("exercise", "yes")
    found = meters(texts_of(form), kind, organisation.sender_name, exercise=exercise)
    unread, lacks = _unread(form), lacking(form)
    if intake is None:
        return Look(None, found, unread, lacks)
    if elsewhere := beyond(session, officer, intake.audience.countries):
        return Look(None, found, unread, lacks, tuple(elsewhere))
    counted = preview(session, organisation, intake, rates, _since(session, organisation, intake))
    return Look(counted, found, unread, lacks, segment_price=rates.segment_price)


def _unread(form: Form) -> frozenset[str]:
    try:
        begun = get_template(form.value("begun"))
    except NotFound:
        return frozenset()
    return frozenset(tag for tag in begun.texts if tag != "en" and tag not in begun.reviewed)


def readable(data: Mapping[str, Any]) -> AlertIntake | None:
    """What can be read of an alert, the rest left out; None when its area can't be."""
    kept = dict(data)
    for _ in range(ROUNDS):
        try:
            return read_alert(kept, preview=True)
        except Invalid as invalid:
            for error in invalid.errors:
                kept = _without(kept, error.field)
    return None


def _without(data: dict[str, Any], path: str) -> dict[str, Any]:
    """The same without what an error is about; an email goes as a whole."""
    head, *rest = path.split(".")
    if head == "texts" and len(rest) == 2 and rest[0] in data.get("texts", {}):
        gone = {"sms"} if rest[1] == "sms" else {"subject", "body"}
        words = {part: text for part, text in data["texts"][rest[0]].items() if part not in gone}
        return data | {"texts": data["texts"] | {rest[0]: words}}
    return {name: value for name, value in data.items() if name != head}


def _since(session: Session, organisation: Organisation, intake: AlertIntake) -> datetime | None:
    """When the thread began; an update that follows nothing yet is counted like an alert."""
    try:
        first = followed(session, organisation.id, intake)
    except Invalid:
        return None
    return active_since(session, first.id if first else None)


@dataclass(frozen=True, slots=True)
class Untold:
    """A language that people in the audience want and that has no text."""

    language: str
    gets: tuple[str, ...]
    """Languages of the texts that they get instead."""
    contact_points: int


def untold(found: Preview) -> list[Untold]:
    """The languages without a text, all channels together; the most wanted first."""
    by_language: dict[str, list[Missing]] = {}
    for item in found.missing:
        if item.contact_points:
            by_language.setdefault(item.language, []).append(item)
    rows = [
        Untold(
            language,
            tuple(dict.fromkeys(item.gets for item in items if item.gets)),
            sum(item.contact_points for item in items),
        )
        for language, items in by_language.items()
    ]
    return sorted(rows, key=lambda row: -row.contact_points)
