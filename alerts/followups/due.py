"""What the dispatcher does about silence and promises. The session is scoped to every organisation."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.followups.services import ask_next
from alerts.followups.telling import PROMISED
from alerts.inbox.shifts import present
from alerts.lifecycle.duty import duty_officers
from alerts.lifecycle.models import Alert
from registry.audit.services import system
from registry.crypto import Keyring
from registry.errors import Conflict
from registry.notices.officers import tell
from registry.organisations.models import Organisation
from registry.organisations.services import keys_of

SOON = timedelta(minutes=15)
"""Before a promised update, when officers are warned."""

_TO_ASK = text("""
    SELECT a.id FROM alerts a CROSS JOIN LATERAL (
        SELECT count(*)::int AS rounds FROM alerts f
        WHERE f.about_id = a.id AND f.standing IN ('ask_again', 'next_contact')
    ) done
    WHERE a.ask_again_after IS NOT NULL AND a.state IN ('sending', 'sent') AND a.expires_at > now()
      AND a.first_sent_at + make_interval(mins => a.ask_again_after::int * (1 + done.rounds)) < now()
      AND (done.rounds < 2 OR a.kin_asked_at IS NULL AND NOT a.exercise)
      AND NOT EXISTS (SELECT FROM alerts later WHERE later.thread_id = coalesce(a.thread_id, a.id)
                      AND later.approved_at > a.approved_at AND later.type IN ('cancel', 'all_clear'))
    ORDER BY a.organisation_id, a.id FOR NO KEY UPDATE OF a SKIP LOCKED
""")

PROMISES = """
    SELECT * FROM (
        SELECT DISTINCT ON (coalesce(a.thread_id, a.id)) a.* FROM alerts a
        WHERE a.state IN ('approved', 'sending', 'paused', 'sent')
          AND (a.standing IS NULL OR a.standing = 'no_news')
        ORDER BY coalesce(a.thread_id, a.id), a.approved_at DESC
    ) last
    WHERE last.type IN ('alert', 'update') AND NOT last.exercise AND last.expires_at > now()
      AND last.next_update_at < now() + :soon
"""
"""The last word of each thread, where it named a next update that is about due."""

_TO_WARN = text(f"""
    UPDATE alerts SET promise_warned_at = now()
    WHERE id IN (SELECT id FROM ({PROMISES}) due WHERE promise_warned_at IS NULL)
    RETURNING id, organisation_id, public_id, next_update_at
""")
_DUE = text(f"SELECT id, about_id, next_update_at FROM ({PROMISES}) due ORDER BY next_update_at LIMIT 5")


def ask_due(session: Session) -> int:
    """Ask the silent of each alert whose time has come; how many rounds were begun."""
    done = 0
    for number in session.scalars(_TO_ASK).all():
        alert = session.get_one(Alert, number)
        try:
            ask_next(session, system(alert.organisation_id), alert)
        except Conflict:
            continue
        done += 1
    return done


def promises_due(session: Session) -> list[tuple[Alert, datetime]]:
    """Alerts of one organisation whose next update is about due or overdue, each with the moment; at most five."""
    rows = session.execute(_DUE, {"soon": SOON}).all()
    return [(session.get_one(Alert, row.about_id or row.id), row.next_update_at) for row in rows]


def warn_of_promises(session: Session, keyring: Keyring, base_url: str) -> int:
    """Mail whoever is on duty, else approvers and administrators, once for each promise; how many mails."""
    sent = 0
    for row in session.execute(_TO_WARN, {"soon": SOON}).all():
        organisation = session.get_one(Organisation, row.organisation_id)
        shown = session.get_one(Alert, row.id)
        about = session.get_one(Alert, shown.about_id) if shown.about_id else shown
        when, url = f"{row.next_update_at:%H:%M}", f"{base_url}/console/alerts/{about.public_id}/checkins"
        keys = keys_of(keyring, organisation)
        for officer in present(session, organisation.id) or duty_officers(session, organisation.id):
            tell(session, keys, officer, PROMISED, timedelta(hours=2), when=when, url=url)
            sent += 1
    return sent
