"""The last step of asking after the silent: whom they have named is asked whether they are safe.

They are told the name by which they know the person, and nothing else: not where the person is, nor who asks. One
number is asked one question at a time, and of one person once a day at most.
"""

from __future__ import annotations

import uuid
from contextlib import suppress

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, joinedload

from alerts.conversation import state
from alerts.conversation.texts import say, spoken
from alerts.family.kin import details_of
from alerts.family.models import Kin
from alerts.lifecycle.models import Alert
from alerts.outgoing.models import OutgoingKind
from alerts.outgoing.services import write_about
from registry.crypto import Keyring, Unreadable
from registry.people.models import Person
from registry.people.vault import Vault

CHUNK = 100
STEP = "kin"
"""Of the conversation, at which their answer is waited for."""

_ALERTS = text("""
    SELECT id FROM alerts
    WHERE kin_asked_at > now() - interval '12 hours' AND expires_at > now() AND state IN ('sending', 'sent')
    ORDER BY id
""")
_TO_ASK = text("""
    SELECT k.id FROM kin k JOIN alerts a ON a.id = :alert AND a.organisation_id = k.organisation_id
    WHERE k.id > :after AND k.stopped_at IS NULL AND (k.asked_at IS NULL OR k.asked_at < now() - interval '1 day')
      AND EXISTS (
          SELECT FROM contact_points c JOIN deliveries d
              ON d.alert_id = :alert AND d.channel = c.channel AND d.contact_point_id = c.id
          WHERE c.person_id = k.person_id AND d.state <> 60)
      AND NOT EXISTS (SELECT FROM checkins s WHERE s.alert_id = :alert AND s.person_id = k.person_id)
      AND NOT EXISTS (SELECT FROM cases h WHERE h.person_id = k.person_id AND h.state <> 'closed'
                      AND (h.duress OR h.reach_by = 'none'))
      AND NOT EXISTS (SELECT FROM kin o WHERE o.organisation_id = k.organisation_id
                      AND o.address_index = k.address_index AND o.id <> k.id
                      AND o.asked_at > now() - interval '1 day' AND o.answer IS NULL)
    ORDER BY k.id LIMIT :limit FOR UPDATE OF k SKIP LOCKED
""")
"""Whose message of the alert was withheld (60: suppressed) wants to hear nothing, and nobody is asked of them."""


def being_asked(session: Session) -> list[int]:
    """Alerts whose silent people's emergency contacts are asked just now. The session is scoped to everybody."""
    return list(session.scalars(_ALERTS))


def ask_some(session: Session, keyring: Keyring, alert_id: int, after: int) -> tuple[int, int]:
    """Ask for a chunk of people; how many were asked, and the last number looked at, 0 once nobody is left."""
    values = {"alert": alert_id, "after": after, "limit": CHUNK}
    numbers = session.scalars(_TO_ASK, values).all()
    if not numbers:
        return 0, 0
    rows = session.scalars(
        select(Kin)
        .options(joinedload(Kin.person).joinedload(Person.key))
        .where(Kin.id.in_(numbers))
        .order_by(Kin.id)
    ).all()
    alert = session.get_one(Alert, alert_id)
    vault = Vault.open(session, keyring, alert.organisation_id)
    asked = sum(_ask(session, keyring, vault, alert, kin) for kin in rows)
    return asked, numbers[-1] if len(numbers) == CHUNK else 0


def _ask(session: Session, keyring: Keyring, vault: Vault, alert: Alert, kin: Kin) -> bool:
    with suppress(Unreadable):
        details = details_of(vault, kin)
        digest = state.digest_of(keyring, details["address"])
        waiting = state.find(session, digest)
        if waiting is not None and waiting.step == STEP and not waiting.data.get("answered"):
            return False
        language = spoken(details["language"])
        question = say(language, "kin_ask", name=details["name"])
        once = uuid.uuid5(alert.public_id, f"kin {kin.id}")
        write_about(
            session,
            vault,
            kin.person,
            OutgoingKind.KIN,
            details["address"],
            question,
            once,
            language=language,
        )
        state.ask(session, digest, STEP, language, "", {"kin": kin.id, "answered": 0})
        kin.asked_at, kin.asked_about_id, kin.answer = func.now(), alert.id, None
        session.flush()
        return True
    return False
