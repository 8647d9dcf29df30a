"""The audience in SQL: one condition over `reach`, for the preview, the plan and the ledger alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alerts.audience.criteria import Criteria
from alerts.delivery.models import HANDED_OVER
from alerts.messages.languages import lookup_table


@dataclass(frozen=True, slots=True)
class Members:
    """A condition over `reach r` with its bound values, for use in a text statement.

    Holds whatever the state: who can be reached has `r.state = 'active'`. A contact point may match with
    several stays.
    """

    condition: str
    values: dict[str, Any]
    languages: Mapping[str, tuple[str, ...]]
    """The languages of the texts, for each channel."""
    default_language: str

    @classmethod
    def of_snapshot(cls, organisation_id: int, snapshot: Mapping[str, Any]) -> Members:
        """Those whom an approved alert is for."""
        languages = {channel: tuple(tags) for channel, tags in snapshot["languages"].items()}
        condition, values = condition_of(organisation_id, Criteria.of_snapshot(snapshot))
        return cls(condition, values, languages, snapshot["default_language"])

    def languages_json(self, channel: str) -> str:
        """Which text a language gets on a channel, as a JSON object to look up in with `SPOKEN`."""
        return json.dumps(lookup_table(self.languages[channel], self.default_language))


_CHOSEN = "(SELECT CAST(:chosen AS jsonb))"  # a sub-select, so that it is read once and not for each row
SPOKEN = f"""coalesce({_CHOSEN} ->> r.language,
    {_CHOSEN} ->> regexp_replace(r.language, '-[^-]*$', ''),
    {_CHOSEN} ->> split_part(r.language, '-', 1),
    {_CHOSEN} ->> '*')"""
"""The language of the text that a row of `reach r` gets; `:chosen` is `Members.languages_json(channel)`. Agrees
with `alerts.messages.languages.pick_language`."""


_HANDED_OVER = f"m.state IN ({', '.join(str(state.value) for state in HANDED_OVER)})"
_REACHED = f"""EXISTS (SELECT FROM deliveries m
    WHERE m.alert_id = ANY (CAST(:m_{{name}} AS bigint[])) AND m.channel = r.channel
      AND m.contact_point_id = r.contact_point_id AND {_HANDED_OVER})"""
_FOLLOWS = {
    "reached_by": _REACHED,
    "people_of": f"""EXISTS (SELECT FROM contact_points o
    JOIN deliveries m ON m.channel = o.channel AND m.contact_point_id = o.id
    WHERE o.person_id = r.person_id AND m.alert_id = ANY (CAST(:m_{{name}} AS bigint[])) AND {_HANDED_OVER})""",
    "untried": f"NOT {_REACHED}",
    "silent_of": """NOT EXISTS (SELECT FROM checkins k
    WHERE k.alert_id = ANY (CAST(:m_{name} AS bigint[])) AND k.person_id = r.person_id)""",
}
"""What each of these criteria demands of a row of `reach r`."""


def condition_of(organisation_id: int, criteria: Criteria) -> tuple[str, dict[str, Any]]:
    """The condition and its bound values, all named m_….

    People of a narrowed country whose subdivision isn't known are included: nobody is missed in silence. Those whom
    another alert has reached are found in its ledger, wherever they are by now.
    """
    if criteria.reached_by or criteria.people_of:
        return _follow(organisation_id, criteria)
    parts = [
        "r.organisation_id = :m_organisation",
        # Of one country the index gives the rows in the order in which they are grouped, of several it doesn't.
        "r.country = :m_country" if len(criteria.countries) == 1 else "r.country = ANY (:m_countries)",
        "(r.starts IS NULL OR r.starts <= :m_begun_by)",
        "(r.ends IS NULL OR r.ends >= :m_ended_from)",
    ]
    values: dict[str, Any] = {
        "m_organisation": organisation_id,
        "m_country": criteria.countries[0],
        "m_countries": list(criteria.countries),
        "m_begun_by": criteria.begun_by,
        "m_ended_from": criteria.ended_from,
    }
    if criteria.subdivisions:
        parts.append(
            "(r.subdivision IS NULL OR r.subdivision = ANY (:m_subdivisions)"
            " OR r.country = ANY (CAST(:m_whole AS text[])))"
        )
        values |= {"m_subdivisions": list(criteria.subdivisions), "m_whole": list(criteria.whole)}
    if criteria.languages:
        parts.append("(r.language = ANY (:m_languages) OR r.language LIKE ANY (:m_ranges))")
        values |= {
            "m_languages": list(criteria.languages),
            "m_ranges": [
                f"{tag}-%" for tag in criteria.languages
            ],  # a filter on pt holds for pt-BR (RFC 4647 §3.3.1)
        }
    for name, words in (("nationality", criteria.nationalities), ("kind", criteria.kinds)):
        if words:
            parts.append(f"r.{name} = ANY (:m_{name})")
            values[f"m_{name}"] = list(words)
    return " AND ".join(parts), values


def _follow(organisation_id: int, criteria: Criteria) -> tuple[str, dict[str, Any]]:
    """Whom an earlier alert reached, of them perhaps only the silent, or by what it did not use."""
    parts = ["r.organisation_id = :m_organisation"]
    values: dict[str, Any] = {"m_organisation": organisation_id}
    for name, condition in _FOLLOWS.items():
        if numbers := getattr(criteria, name):
            parts.append(condition.format(name=name))
            values[f"m_{name}"] = list(numbers)
    return " AND ".join(parts), values
