"""Telling the duty list that a plea for help waits: unread, or as a case that nobody has taken.

The session is scoped to every organisation.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.inbox.shifts import on_duty
from alerts.inbox.telling import WAITS
from registry.audit.services import record, system
from registry.crypto import Keyring
from registry.notices.officers import tell
from registry.organisations.models import Organisation
from registry.organisations.services import keys_of

_OVERDUE = text("""
    WITH messages AS (
        UPDATE replies SET escalated_at = now()
        WHERE needs_reading AND read_at IS NULL AND (meaning = 'help' OR case_id IS NOT NULL)
          AND received_at < now() - :after AND (escalated_at IS NULL OR escalated_at < now() - :after)
        RETURNING organisation_id, received_at AS since
    ), untaken AS (
        UPDATE cases c SET escalated_at = now()
        WHERE c.state <> 'closed' AND c.owner_id IS NULL
          AND c.created_at < now() - :after AND (c.escalated_at IS NULL OR c.escalated_at < now() - :after)
          AND NOT EXISTS (SELECT FROM alerts a WHERE a.id = c.alert_id AND a.exercise)
        RETURNING organisation_id, created_at AS since
    ), late AS (SELECT *, 1 AS message FROM messages UNION ALL SELECT *, 0 FROM untaken)
    SELECT organisation_id, sum(message) AS messages, count(*) - sum(message) AS cases,
           extract(epoch FROM now() - min(since))::bigint / 60 AS oldest
    FROM late GROUP BY organisation_id ORDER BY organisation_id
""")


def escalate(session: Session, keyring: Keyring, after: timedelta, base_url: str) -> int:
    """Mail the duty list of each organisation in which a plea has waited for longer than `after`, and again each time
    that it has passed once more. Returns how many mails."""
    sent = 0
    for row in session.execute(_OVERDUE, {"after": after}).all():
        organisation = session.get_one(Organisation, row.organisation_id)
        values = {
            "messages": row.messages,
            "cases": row.cases,
            "minutes": int(after.total_seconds() // 60),
            "oldest": row.oldest,
            "url": f"{base_url}/console/inbox",
        }
        keys = keys_of(keyring, organisation)
        for officer in on_duty(session, organisation.id):
            tell(session, keys, officer, WAITS, timedelta(hours=2), **values)
            sent += 1
        details = {"messages": int(row.messages), "cases": int(row.cases)}
        record(session, system(organisation.id), "inbox.escalated", None, details)
    return sent
