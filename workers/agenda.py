"""What waits for the dispatcher, asked in one statement: a round in which little is to be done costs little."""

from __future__ import annotations

from sqlalchemy import text

from registry.organisations.scope import everywhere
from workers import notices, outgoing
from workers.lanes import READY

ITEMS = {
    "plan": "SELECT FROM alerts WHERE state = 'approved' OR state = 'sending' AND planned_at IS NULL",
    "batches": f"SELECT {READY}",
    "finish": """
        SELECT FROM alerts a WHERE a.state = 'sending' AND a.planned_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM batches b WHERE b.alert_id = a.id AND b.next_attempt_at IS NOT NULL AND NOT b.expanded)
    """,
    # By its primary key, for those applied before are still in the table until it is vacuumed.
    "receipts": "SELECT FROM (SELECT min(id) AS first FROM received_receipts) r WHERE r.first IS NOT NULL",
    "notices": notices.DUE,
    "relatives": "SELECT FROM inquiries WHERE asked_at IS NOT NULL",
    "outgoing": outgoing.DUE,
    "imports": "SELECT FROM imports WHERE state IN ('checking', 'saving')",
    "rewraps": "SELECT FROM rewraps WHERE finished_at IS NULL",
    "sending": "SELECT FROM alerts WHERE state IN ('approved', 'sending')",
}
"""By name, what finds at least all that its duty would find; the duty itself looks more closely."""

_LOOK = text("SELECT " + ", ".join(f"EXISTS ({query}) AS {name}" for name, query in ITEMS.items()))


def look() -> set[str]:
    """The names of those items of which there is anything to be done."""
    with everywhere() as session:
        row = session.execute(_LOOK, {"resting": []}).one()
    return {name for name, is_due in row._mapping.items() if is_due}
