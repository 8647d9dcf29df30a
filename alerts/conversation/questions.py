"""Which alerts ask somebody how they are: the last that reached them, and those that still wait for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.responses.services import TOLD

STATES = [int(state) for state in TOLD]

_PUT_SINCE = text("""
    SELECT EXISTS (
        SELECT FROM contact_points c
        JOIN alerts a ON a.organisation_id = c.organisation_id AND a.approved_at > now() - interval '30 days'
        JOIN deliveries d ON d.alert_id = a.id AND d.channel = c.channel AND d.contact_point_id = c.id
        WHERE c.person_id = ANY (:people) AND d.state = ANY (:told) AND d.alert_id = ANY (:recent)
          AND coalesce(d.accepted_at, d.claimed_at) > :moment)
""")

_UNANSWERED = text("""
    SELECT DISTINCT ON (c.person_id) c.person_id, a.id AS alert_id,
           coalesce(d.accepted_at, d.claimed_at, a.approved_at) AS put_at
    FROM contact_points c
    JOIN alerts a ON a.organisation_id = c.organisation_id AND a.expires_at > now()
         AND a.state IN ('sending', 'paused', 'sent') AND a.type IN ('alert', 'update')
    JOIN deliveries d ON d.alert_id = a.id AND d.channel = c.channel AND d.contact_point_id = c.id
    WHERE c.person_id = ANY (:people) AND d.state = ANY (:told) AND d.alert_id = ANY (:recent) AND NOT EXISTS (
        SELECT FROM checkins k JOIN alerts o ON o.id = k.alert_id
        WHERE k.person_id = c.person_id AND k.told_by IS NULL
          AND coalesce(o.thread_id, o.id) = coalesce(a.thread_id, a.id))
    ORDER BY c.person_id, a.approved_at DESC, a.id DESC
""")


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An alert in force to which somebody has not answered, though it reached them."""

    person_id: int
    alert_id: int
    put_at: datetime


def put_since(session: Session, people: Sequence[int], recent: Sequence[int], moment: datetime) -> bool:
    """Whether an alert was handed over for one of these people after a moment: then it is the last question.

    `recent` is from `lately_sent`.
    """
    return bool(session.scalar(_PUT_SINCE, _values(people, recent) | {"moment": moment}))


def unanswered(session: Session, people: Sequence[int], recent: Sequence[int]) -> list[Unanswered]:
    """For each of these people the latest alert that waits for an answer, if any; `recent` is from `lately_sent`."""
    rows = session.execute(_UNANSWERED, _values(people, recent))
    return [Unanswered(*row) for row in rows]


def _values(people: Sequence[int], recent: Sequence[int]) -> dict[str, Any]:
    return {"people": list(people), "told": STATES, "recent": list(recent)}
