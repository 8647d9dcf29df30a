"""Hourly: what has served its time goes."""

from __future__ import annotations

from sqlalchemy import text

from registry.crypto import Keyring
from registry.custody.rewrapping import request_overdue
from registry.custody.sweeping import sweep
from registry.database import unscoped
from registry.organisations.scope import everywhere

_STALE = {
    "notices": "DELETE FROM notices WHERE created_at < now() - interval '7 days'",
    "officers' mail": "DELETE FROM officer_mails WHERE created_at < now() - interval '7 days'",
    "codes": "DELETE FROM contact_codes WHERE expires_at < now() - interval '1 day'",
    "links": "DELETE FROM person_links WHERE expires_at < now() - interval '30 days'",
    "idempotent answers": "DELETE FROM idempotent_answers WHERE created_at < now() - interval '24 hours'",
    "attempts": "DELETE FROM attempts WHERE window_start < now() - interval '2 days'",
    "inquiries": "DELETE FROM inquiries WHERE expires_at < now() - interval '10 minutes'",
    "dialogues": "DELETE FROM dialogues WHERE expires_at < now()",
    "security events": "DELETE FROM security_events WHERE window_start < now() - interval '90 days'",
    "shifts": "DELETE FROM shifts WHERE ended_at < now() - interval '30 days'",
    "sign-ins": "DELETE FROM officer_sessions WHERE created_at < now() - interval '1 day'",
    "browsers": "DELETE FROM known_browsers WHERE seen_at < now() - interval '180 days'",
    "import rows": """
        DELETE FROM import_rows r USING imports i
        WHERE i.id = r.import_id AND i.updated_at < now() - interval '7 days'
    """,
    "sandbox messages": "DELETE FROM sandbox_messages WHERE created_at < now() - interval '30 days'",
}


def tidy(keyring: Keyring) -> int:
    """Delete what is past its time, and let keys be left behind that retired; return how many rows and files went."""
    with unscoped() as session:
        request_overdue(session)
        gone = sweep(session, keyring.keystore)
    for statement in _STALE.values():
        with everywhere() as session:
            gone += max(0, session.execute(text(statement)).rowcount)  # type: ignore[attr-defined]
    return gone
