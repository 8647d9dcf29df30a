"""Counting an alert's ledger. Every function expects a session scoped to its organisation, or to every one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.delivery.models import HANDED_OVER, DeliveryState
from alerts.lifecycle.models import Alert
from alerts.reports.counts import Counts, Group, Messages
from alerts.reports.ladder import RUNG, RUNGS, Ladder

HANDED = ", ".join(str(state.value) for state in HANDED_OVER)

_MESSAGES = """
    SELECT channel, coalesce(provider, ''), state, count(*) FROM deliveries {sample}
    WHERE alert_id = :alert GROUP BY channel, provider, state ORDER BY channel, provider, state
"""
_TIMES = f"""
    SELECT {RUNG.format(moment="accepted_at")} AS rung,
           CASE WHEN state = {DeliveryState.DELIVERED} THEN {RUNG.format(moment="updated_at")} END AS arrived,
           count(*)
    FROM deliveries {{sample}} WHERE alert_id = :alert AND accepted_at IS NOT NULL GROUP BY rung, arrived
"""
"""A delivery that was delivered has not been touched since."""
_PEOPLE = text(f"""
    WITH told AS (
        SELECT c.person_id, min(d.language) AS language,
               min(coalesce(d.accepted_at, d.updated_at)) FILTER (WHERE d.state IN ({HANDED})) AS at
        FROM deliveries d JOIN contact_points c ON c.id = d.contact_point_id
        WHERE d.alert_id = :alert GROUP BY c.person_id
    ), here AS (
        SELECT DISTINCT ON (t.person_id) t.person_id, t.language, coalesce(s.country, '') AS country,
               coalesce(s.subdivision, '') AS subdivision,
               CASE WHEN t.at IS NOT NULL THEN
                   greatest(extract(epoch FROM t.at - CAST(:since AS timestamptz)), 0)::float8 END AS seconds
        FROM told t LEFT JOIN stays s ON s.person_id = t.person_id
        ORDER BY t.person_id, s.country = ANY (CAST(:countries AS text[])) DESC NULLS LAST, s.id DESC
    )
    SELECT h.language, h.country, h.subdivision, count(*) AS people, count(h.seconds),
           count(*) FILTER (WHERE k.safety = 'safe'), count(*) FILTER (WHERE k.safety = 'help'),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY h.seconds), max(h.seconds)
    FROM here h LEFT JOIN checkins k ON k.alert_id = :alert AND k.person_id = h.person_id
    GROUP BY GROUPING SETS ((), (h.language), (h.country, h.subdivision))
    ORDER BY people DESC, h.language, h.country, h.subdivision
""")
"""A person stays in the alert's area, if anywhere in it, and last where they said so last."""
_ANSWERS = text(f"""
    SELECT {RUNG.format(moment="at")} AS rung, count(*) AS number FROM checkins WHERE alert_id = :alert GROUP BY rung
""")
SAMPLE = 50_000
"""Messages of which a curve is drawn while an alert goes out: counting a million takes twenty times as long."""


def count(session: Session, alert: Alert) -> Counts:
    """Everything, of an alert that was approved: seconds for a million people."""
    messages = session.execute(text(_MESSAGES.format(sample="")), {"alert": alert.id})
    handed_over, delivered = _times(session, alert, "")
    values = {"alert": alert.id, "since": alert.approved_at, "countries": list(alert.area["countries"])}
    groups = [Group(*row) for row in session.execute(_PEOPLE, values)]
    return Counts([Messages(*row) for row in messages], handed_over, delivered, groups)


def answered(session: Session, alert: Alert) -> Ladder:
    """People's last answers by seconds from approval. They outlive the ledger."""
    return {row.rung: row.number for row in session.execute(_ANSWERS, _ladder_of(alert))}


def glance(session: Session, alert: Alert, messages: int) -> tuple[list[Messages], Ladder, Ladder]:
    """Messages, those handed over and those delivered, as they stand now. `messages` is how many there are about: of
    very many a sample is counted, and its numbers are scaled up."""
    share = min(SAMPLE / messages, 1.0) if messages else 1.0
    sample = f"TABLESAMPLE SYSTEM ({100 * share:.4f})" if share < 1 else ""
    rows = session.execute(text(_MESSAGES.format(sample=sample)), {"alert": alert.id})
    found = [Messages(channel, name, state, round(number / share)) for channel, name, state, number in rows]
    handed_over, delivered = _times(session, alert, sample, share)
    return found, handed_over, delivered


def _times(session: Session, alert: Alert, sample: str, share: float = 1.0) -> tuple[Ladder, Ladder]:
    handed_over: dict[int, int] = {}
    delivered: dict[int, int] = {}
    for rung, arrived, number in session.execute(text(_TIMES.format(sample=sample)), _ladder_of(alert)):
        handed_over[rung] = handed_over.get(rung, 0) + round(number / share)
        if arrived is not None:
            delivered[arrived] = delivered.get(arrived, 0) + round(number / share)
    return handed_over, delivered


def _ladder_of(alert: Alert) -> dict[str, Any]:
    return {"alert": alert.id, "since": alert.approved_at, "rungs": list(RUNGS), "top": RUNGS[-1]}
