"""Who belongs to an audience: area, filters and dates, settled at one moment and kept in the snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from alerts.audience.area import around, within_or_around
from alerts.audience.intake import AudienceIntake

GRACE = timedelta(days=7)
"""A stay that ended so shortly before the first alert of a thread still counts: plans change in a crisis."""
FURTHEST_AHEAD = timedelta(hours=14)
"""Somewhere it is already tomorrow (UTC+14): a stay begins when it begins there."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """An audience's conditions. An empty filter filters nothing."""

    countries: tuple[str, ...]
    whole: tuple[str, ...]
    """Those of the countries of which no subdivision is named."""
    subdivisions: tuple[str, ...]
    """Those named, those in them, and those around them, whose people may be in them."""
    around: tuple[str, ...]
    """Those of the subdivisions that are only around a named one."""
    languages: tuple[str, ...]
    nationalities: tuple[str, ...]
    kinds: tuple[str, ...]
    begun_by: date
    ended_from: date
    reached_by: tuple[int, ...] = ()
    """Numbers of alerts: exactly those whom one of them reached, whatever else is said here."""
    people_of: tuple[int, ...] = ()
    """Numbers of alerts: whoever one of them reached by any contact point, whatever else is said here."""
    untried: tuple[int, ...] = ()
    """Numbers of alerts: no contact point that one of them reached."""
    silent_of: tuple[int, ...] = ()
    """Numbers of alerts: nobody who has answered one of them."""

    def as_dict(self) -> dict[str, Any]:
        """As a snapshot keeps it."""
        found = asdict(self)
        return found | {"begun_by": self.begun_by.isoformat(), "ended_from": self.ended_from.isoformat()}

    @classmethod
    def of_snapshot(cls, snapshot: Mapping[str, Any]) -> Criteria:
        """As approved."""
        kept = snapshot["criteria"]
        return cls(
            begun_by=date.fromisoformat(kept["begun_by"]),
            ended_from=date.fromisoformat(kept["ended_from"]),
            **{name: tuple(words) for name, words in kept.items() if isinstance(words, (list, tuple))},
        )


def settle(
    audience: AudienceIntake,
    now: datetime,
    active_since: datetime | None = None,
    reached_by: tuple[int, ...] = (),
) -> Criteria:
    """The criteria at a moment. `active_since` is when the thread's first alert was approved, if it was; `reached_by`
    are the numbers of the alerts that the audience names.

    A stay's end date never drops a person while an alert is active there: they may not have got away.
    """
    narrowed = {code[:2] for code in audience.subdivisions}
    return Criteria(
        countries=audience.countries,
        whole=tuple(country for country in audience.countries if country not in narrowed),
        subdivisions=tuple(sorted(within_or_around(audience.subdivisions))),
        around=tuple(sorted(around(audience.subdivisions))),
        languages=audience.languages,
        nationalities=audience.nationalities,
        kinds=audience.kinds,
        begun_by=(now.astimezone(UTC) + FURTHEST_AHEAD).date(),
        ended_from=((active_since or now).astimezone(UTC) - GRACE).date(),
        reached_by=reached_by,
    )
