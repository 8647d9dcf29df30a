"""Counting an audience: exact, and quick over a million."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.audience.criteria import Criteria
from alerts.audience.query import condition_of
from alerts.delivery.hours import LOCAL, OPENS, OUTSIDE


class Cell(NamedTuple):
    """Contact points that are alike in all that a preview shows."""

    channel: str
    state: str
    language: str
    quiet: bool
    heads: int
    """As in `reach`: 2 for the first contact point of its person, 1 for the first on the other channel."""
    unplaced: bool
    """Only counted in because it isn't known where in the country the person is."""
    points: int


def count(session: Session, organisation_id: int, criteria: Criteria) -> list[Cell]:
    """All contact points that match the criteria, whatever their state and channel.

    People with one stay are counted plainly; others may match with several, so theirs are made distinct first.
    """
    condition, values = condition_of(organisation_id, criteria)
    unplaced = "false"
    if criteria.subdivisions:
        unplaced = (
            "(r.country <> ALL (CAST(:m_whole AS text[]))"
            " AND (r.subdivision IS NULL OR r.subdivision = ANY (CAST(:around AS text[]))))"
        )
        values["around"] = list(criteria.around)
    alike = "r.channel, r.state, r.language, r.quiet, r.heads"
    rows = session.execute(
        text(f"""
            SELECT {alike}, {unplaced} AS unplaced, count(*)
            FROM reach r WHERE {condition} AND r.sole GROUP BY {alike}, unplaced
            UNION ALL
            SELECT {alike}, r.unplaced, count(*)
            FROM (
                SELECT {alike}, bool_and({unplaced}) AS unplaced
                FROM reach r WHERE {condition} AND NOT r.sole GROUP BY r.contact_point_id, {alike}
            ) r
            GROUP BY {alike}, r.unplaced
        """),
        values,
    )
    return [Cell(*row) for row in rows]


def people(session: Session, organisation_id: int, criteria: Criteria, channels: Sequence[str]) -> int:
    """People with an active contact point that matches, one by one: for criteria of which `heads` tells nothing."""
    condition, values = condition_of(organisation_id, criteria)
    found = session.scalar(
        text(f"""
            SELECT count(DISTINCT r.person_id) FROM reach r
            WHERE {condition} AND r.state = 'active' AND r.channel = ANY (CAST(:channels AS text[]))
        """),
        values | {"channels": list(channels)},
    )
    return int(found or 0)


def waiting(
    session: Session, organisation_id: int, criteria: Criteria, channels: Sequence[str]
) -> tuple[int, float]:
    """Active contact points of people outside their chosen hours, and the seconds until the last can be told."""
    condition, values = condition_of(organisation_id, criteria)
    row = session.execute(
        text(f"""
            SELECT count(*), coalesce(extract(epoch FROM max({OPENS}) - now()), 0)
            FROM (SELECT DISTINCT r.contact_point_id, r.person_id FROM reach r
                  WHERE {condition} AND r.quiet AND r.state = 'active'
                    AND r.channel = ANY (CAST(:channels AS text[]))) r
            JOIN people p ON p.id = r.person_id AND p.hours_from IS NOT NULL, {LOCAL}
            WHERE {OUTSIDE}
        """),
        values | {"channels": list(channels)},
    ).one()
    return int(row[0]), float(row[1])
