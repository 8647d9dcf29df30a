"""The board of an alert: who is safe, needs help, is silent or can't be reached, by area and by need.

The session is scoped to the organisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, joinedload

from alerts.delivery.models import HANDED_OVER, Batch
from alerts.lifecycle.models import Alert
from alerts.responses.services import Summary, summary
from alerts.responses.telling import LIVE
from registry.people.models import Person
from registry.staff.reach import Reach

MOST_AREAS = 60
HANDED = ", ".join(str(state.value) for state in HANDED_OVER)


class Area(NamedTuple):
    """People told who stay in one place; `subdivision` is None where it isn't known."""

    country: str
    subdivision: str | None
    safe: int
    help: int
    silent: int


class Need(NamedTuple):
    """Open cases that need one thing."""

    word: str
    cases: int


@dataclass(frozen=True, slots=True)
class Board:
    """What an officer sees at one look."""

    summary: Summary
    unreachable: int | None
    """People whom no message reached; None for an alert to very many, which takes too long to count."""
    areas: list[Area] | None
    """Where most need help first; None as above."""
    needs: list[Need]


_AREAS = text(f"""
    WITH told AS (
        SELECT DISTINCT c.person_id FROM deliveries d JOIN contact_points c ON c.id = d.contact_point_id
        WHERE d.alert_id = :alert AND d.state IN ({HANDED})
    ), here AS (
        SELECT DISTINCT ON (t.person_id) t.person_id, s.country, s.subdivision
        FROM told t JOIN stays s ON s.person_id = t.person_id
        ORDER BY t.person_id, s.country = ANY (CAST(:countries AS text[])) DESC, s.id DESC
    )
    SELECT h.country, h.subdivision, count(*) FILTER (WHERE k.safety = 'safe') AS safe,
           count(*) FILTER (WHERE k.safety = 'help') AS help, count(*) FILTER (WHERE k.safety IS NULL) AS silent
    FROM here h LEFT JOIN checkins k ON k.alert_id = :alert AND k.person_id = h.person_id
    GROUP BY h.country, h.subdivision ORDER BY help DESC, silent DESC, h.country, h.subdivision LIMIT :most
""")
_UNREACHED = text(f"""
    SELECT count(*) FROM (
        SELECT c.person_id FROM deliveries d JOIN contact_points c ON c.id = d.contact_point_id
        WHERE d.alert_id = :alert GROUP BY c.person_id HAVING NOT bool_or(d.state IN ({HANDED}))
    ) nobody
""")
_NEEDS = text("""
    SELECT need.word, count(*) FROM cases c CROSS JOIN LATERAL jsonb_array_elements_text(
        CASE WHEN c.need IS NOT NULL THEN jsonb_build_array(c.need) WHEN c.needs <> '[]' THEN c.needs
             ELSE '["not said"]' END) AS need (word)
    WHERE c.alert_id = :alert AND c.state <> 'closed' GROUP BY need.word ORDER BY count(*) DESC, need.word LIMIT 30
""")
_SILENT = text(f"""
    SELECT DISTINCT c.person_id FROM deliveries d JOIN contact_points c ON c.id = d.contact_point_id
    WHERE d.alert_id = :alert AND d.state IN ({HANDED}) AND c.person_id > :after
      AND NOT EXISTS (SELECT FROM checkins k WHERE k.alert_id = :alert AND k.person_id = c.person_id)
      AND (CAST(:within AS text[]) IS NULL OR EXISTS (
          SELECT FROM stays s WHERE s.person_id = c.person_id AND s.country = ANY (CAST(:within AS text[]))))
    ORDER BY c.person_id LIMIT :limit
""")


def board(session: Session, alert: Alert) -> Board:
    """As it stands now."""
    size = select(func.sum(Batch.pending + Batch.accepted + Batch.sent + Batch.delivered + Batch.failed))
    few = (session.scalar(size.where(Batch.alert_id == alert.id)) or 0) <= LIVE
    values = {"alert": alert.id, "countries": list(alert.area["countries"]), "most": MOST_AREAS}
    return Board(
        summary(session, alert),
        session.scalar(_UNREACHED, {"alert": alert.id}) if few else None,
        [Area(*row) for row in session.execute(_AREAS, values)] if few else None,
        [Need(*row) for row in session.execute(_NEEDS, {"alert": alert.id})],
    )


def silent_people(
    session: Session, alert: Alert, after: int, limit: int, within: Reach = None
) -> Sequence[Person]:
    """A page of the people who were told and have not answered; `after` is the last one's number, `within` how far one
    sees."""
    values = {
        "alert": alert.id,
        "after": after,
        "limit": limit,
        "within": None if within is None else list(within),
    }
    numbers = session.scalars(_SILENT, values).all()
    query = select(Person).options(joinedload(Person.key)).where(Person.id.in_(numbers))
    return session.scalars(query.order_by(Person.id)).all()
