"""Chosen hours: people in quiet mode may say at what time of their day an alert can come, for then nobody looks on.

Outside them a message waits for the next, however long; one whose hours begin only after the alert has expired never
leaves. An alert of extreme severity does not wait: it is about staying alive, and its quiet text gives nothing away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.delivery.models import DeliveryState as S

AT_ONCE: Final = "extreme"
"""The severity of an alert that waits for nobody's hours."""
CODE: Final = "hours"

LOCAL: Final = """LATERAL (
    SELECT (now() AT TIME ZONE p.time_zone)::date AS day, (now() AT TIME ZONE p.time_zone)::time AS clock
) l"""
OUTSIDE: Final = """(p.quiet AND p.hours_from IS NOT NULL AND CASE WHEN p.hours_from <= p.hours_until
    THEN p.hours_from < p.hours_until AND (l.clock < p.hours_from OR l.clock >= p.hours_until)
    ELSE l.clock >= p.hours_until AND l.clock < p.hours_from END)"""
"""Of a person `p` at their local time `l`; hours that begin late and end early go over midnight."""
OPENS: Final = (
    """(l.day + CASE WHEN l.clock < p.hours_from THEN 0 ELSE 1 END + p.hours_from) AT TIME ZONE p.time_zone"""
)
"""When the hours of somebody who is outside them begin."""

_WAIT = text(f"""
    UPDATE deliveries d SET state = {S.PENDING}, code = '{CODE}', attempts = d.attempts - 1, claimed_at = NULL,
        next_attempt_at = w.opens, updated_at = now()
    FROM (
        SELECT c.id, {OPENS} AS opens
        FROM deliveries x
        JOIN contact_points c ON c.id = x.contact_point_id
        JOIN people p ON p.id = c.person_id, {LOCAL}
        WHERE x.alert_id = :alert AND x.channel = :channel AND x.contact_point_id > :low AND x.contact_point_id <= :high
          AND x.state = {S.CLAIMED} AND x.claimed_at = now() AND {OUTSIDE}
    ) w
    WHERE d.alert_id = :alert AND d.channel = :channel AND d.contact_point_id = w.id
""")
_ANY = text(
    "SELECT EXISTS (SELECT FROM people p WHERE p.organisation_id = :organisation AND p.hours_from IS NOT NULL)"
)


def let_wait(session: Session, organisation_id: int, batch: Mapping[str, Any]) -> int:
    """Of what this transaction has just claimed of a batch, give back what is for people outside their hours; how much.

    `batch` is its alert, channel, low and high. Rows in doubt, claimed before, are asked about at any hour.
    """
    if not session.scalar(_ANY, {"organisation": organisation_id}):
        return 0
    return int(session.execute(_WAIT, batch).rowcount)  # type: ignore[attr-defined]
