"""Audiences: who they are, and what reaching them takes."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.audience.counting import Cell, count, people, waiting
from alerts.audience.criteria import Criteria, settle
from alerts.audience.intake import AudienceIntake
from alerts.audience.preview import STATES, Missing, Preview, Rates, SmsText
from alerts.channels.base import Content
from alerts.delivery.hours import AT_ONCE
from alerts.delivery.models import Provider
from alerts.lifecycle.intake import AlertIntake
from alerts.lifecycle.models import Alert
from alerts.messages.languages import pick_language, speaks
from alerts.messages.services import Key, contents_of, spoken
from alerts.text.gsm import measure
from registry.errors import Invalid
from registry.organisations.models import Organisation
from registry.people.models import ChannelName

UNKNOWN_RATES = Rates()


def criteria(session: Session, audience: AudienceIntake, active_since: datetime | None = None) -> Criteria:
    """The audience's criteria as of now; see `settle`. Raises Invalid on an alert to follow that isn't there."""
    numbers = []
    for place, public_id in enumerate(audience.reached_by):
        number = session.scalar(select(Alert.id).where(Alert.public_id == uuid.UUID(public_id)))
        if number is None:
            raise Invalid.one(f"filters.reached_by.{place}", "unknown", "there is no such alert")
        numbers.append(number)
    return settle(audience, datetime.now(UTC), active_since, tuple(numbers))


def reached(session: Session, organisation_id: int, audience: AudienceIntake, who: Criteria) -> int:
    """How many contact points the audience's channels reach."""
    return sum(cell.points for cell in count(session, organisation_id, who) if _active(cell, audience))


def preview(
    session: Session,
    organisation: Organisation,
    intake: AlertIntake,
    rates: Rates = UNKNOWN_RATES,
    active_since: datetime | None = None,
) -> Preview:
    """The audience at this moment. `active_since` is when the first alert of its thread was approved."""
    audience = intake.audience
    who = criteria(session, audience, active_since)
    cells = count(session, organisation.id, who)
    cells = [cell for cell in cells if cell.channel in audience.channels]
    active = [cell for cell in cells if _active(cell, audience)]
    found = Preview(
        total=sum(cell.points for cell in active),
        people=people(session, organisation.id, who, audience.channels)
        if who.reached_by
        else _people(active, audience),
        by_language={channel: _languages(active, channel) for channel in audience.channels},
        by_state={channel: _states(cells, channel) for channel in audience.channels},
        unreadable=sum(cell.points for cell in cells if cell.state == "unreadable"),
        unplaced=sum(cell.points for cell in active if cell.unplaced),
        currency=rates.currency,
    )
    for channel in audience.channels:
        tags = spoken(intake.texts, channel)
        found.missing += _missing(found.by_language[channel], channel, tags, organisation.default_language)
    _measure_sms(found, active, intake, organisation)
    _estimate(session, found, audience, rates)
    if intake.severity != AT_ONCE and any(counts["quiet"] for counts in found.by_state.values()):
        found.waiting, opens_in = waiting(session, organisation.id, who, audience.channels)
        if found.waiting and found.seconds is not None:
            found.seconds = max(found.seconds, opens_in)
    return found


def _active(cell: Cell, audience: AudienceIntake) -> bool:
    return cell.state == "active" and cell.channel in audience.channels


def _people(active: Sequence[Cell], audience: AudienceIntake) -> int:
    first = 2 if len(audience.channels) == len(ChannelName) else 1
    return sum(cell.points for cell in active if cell.heads >= first)


def _languages(active: Sequence[Cell], channel: ChannelName) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for cell in active:
        if cell.channel == channel:
            counts[cell.language] += cell.points
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _states(cells: Sequence[Cell], channel: ChannelName) -> dict[str, int]:
    counts = dict.fromkeys(STATES, 0)
    for cell in cells:
        if cell.channel != channel:
            continue
        name = "reached" if cell.state == "active" else cell.state
        counts[name] = counts.get(name, 0) + cell.points
        if cell.state == "active" and cell.quiet:
            counts["quiet"] += cell.points
    return counts


def _missing(
    languages: dict[str, int], channel: ChannelName, tags: tuple[str, ...], default: str
) -> list[Missing]:
    return [
        Missing(channel, language, pick_language(language, tags, default) if tags else None, number)
        for language, number in languages.items()
        if not speaks(language, tags)
    ]


def _measure_sms(
    found: Preview, active: Sequence[Cell], intake: AlertIntake, organisation: Organisation
) -> None:
    """Every SMS text with its length, and the segments of all that will be sent."""
    tags = spoken(intake.texts, ChannelName.SMS)
    if ChannelName.SMS not in intake.audience.channels:
        found.segments = 0
        return
    if not tags:
        return
    rendered: dict[Key, Content] = contents_of(
        intake.texts, (ChannelName.SMS,), intake.type, organisation.sender_name, "", exercise=intake.exercise
    )
    measures = {key: measure(content.text) for key, content in rendered.items()}
    readers: Counter[Key] = Counter()
    for cell in active:
        if cell.channel == ChannelName.SMS:
            tag = pick_language(cell.language, tags, organisation.default_language)
            readers[cell.channel, tag, cell.quiet] += cell.points
    found.segments = sum(measures[key].segments * number for key, number in readers.items())
    for tag in tags:
        loud, quiet = (("sms", tag, mode) for mode in (False, True))
        number = readers[loud] + readers[quiet]
        found.sms.append(SmsText(tag, number, rendered[loud].text, measures[loud]))


def _estimate(session: Session, found: Preview, audience: AudienceIntake, rates: Rates) -> None:
    """Cost, and time: the channels send at once, so the slower one counts."""
    if found.segments is not None and rates.segment_price is not None:
        found.cost = round(found.segments * rates.segment_price, 2)
    units = {ChannelName.SMS: found.segments, ChannelName.EMAIL: 0}
    if ChannelName.EMAIL in audience.channels:
        units[ChannelName.EMAIL] = found.by_state[ChannelName.EMAIL]["reached"]
    measured = {row.name: row.rate for row in session.execute(select(Provider.name, Provider.rate))}
    known = {"sms": rates.sms, "email": rates.email}
    times: list[float | None] = []
    for channel in audience.channels:
        rate, number = known[channel], units[channel]
        if rate is None:  # then by messages, as the last alert went
            rate, number = measured.get(dict(rates.providers)[channel]), found.by_state[channel]["reached"]
        times.append(number / rate if rate and number is not None else None if number != 0 else 0.0)
    found.seconds = None if None in times else max((time for time in times if time is not None), default=0.0)
