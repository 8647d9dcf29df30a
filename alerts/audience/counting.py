"""Counting an audience: exact, and quick over a million."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from alerts.audience.criteria import Criteria
from alerts.audience.query import condition_of
from alerts.delivery.hours import LOCAL, OPENS, OUTSIDE
from registry.organisations.models import Post


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
    """All contact points that match the criteria, whatever their state and channel; "unreadable" is a state here.

    People with one stay are counted plainly; others may match with several, so theirs are made distinct first.
    """
    return _apart(session, _count(session, organisation_id, criteria), organisation_id, criteria)


def _count(
    session: Session, organisation_id: int, criteria: Criteria, posts: Sequence[int] | None = None
) -> list[Cell]:
    condition, values = condition_of(organisation_id, criteria)
    if posts is not None:
        condition += " AND r.person_id IN (SELECT p.id FROM people p WHERE p.post_id = ANY (:posts))"
        values["posts"] = list(posts)
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


def _apart(session: Session, cells: list[Cell], organisation_id: int, criteria: Criteria) -> list[Cell]:
    """The same, with those who can't be written to as "unreadable": the key of their post was shredded."""
    shredded = select(Post.id).where(Post.organisation_id == organisation_id, Post.shredded_at.is_not(None))
    posts = list(session.scalars(shredded))
    if not posts:
        return cells
    locked = [cell for cell in _count(session, organisation_id, criteria, posts) if cell.state == "active"]
    left = {cell._replace(points=0): cell.points for cell in cells}
    for cell in locked:
        left[cell._replace(points=0)] -= cell.points
    readable = [cell._replace(points=points) for cell, points in left.items() if points]
    return readable + [cell._replace(state="unreadable") for cell in locked]


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
