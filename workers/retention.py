"""Nothing is kept longer than needed: the silent are asked and then go, ledgers of old alerts become counts.

Everything in chunks, each in a short transaction that a sending alert does not notice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from alerts.responses.retiring import remove_ledger, remove_messages, remove_replies
from registry.audit.services import record, system
from registry.crypto.keyring import Unreadable
from registry.notices.services import queue
from registry.organisations.scope import everywhere
from registry.people.letters import stay_letter
from registry.people.links import new_link
from registry.people.lost_links import personal_url
from registry.people.models import ContactPoint, ContactState, Person
from registry.people.services import WHOLE, erase
from registry.people.vault import Vault
from workers.runtime import Periods, WorkerRuntime

log = logging.getLogger(__name__)

CHUNK = 50
"""People asked or erased in one transaction."""
ROWS = 5000
"""Replies deleted in one transaction."""
WORTH_SENDING = timedelta(days=3)
"""For which the question is tried."""
MOST_CHUNKS = 200
"""In one run; the rest has time until the next."""

_IN_FORCE = """
    EXISTS (SELECT FROM stays s JOIN alerts a ON a.organisation_id = s.organisation_id
            WHERE s.person_id = p.id AND a.state IN ('approved', 'sending', 'paused', 'sent')
              AND a.expires_at > now() AND NOT a.exercise
              AND (a.area->'countries' ? s.country
                   OR EXISTS (SELECT FROM jsonb_array_elements_text(a.area->'subdivisions') AS part
                              WHERE split_part(part, '-', 1) = s.country)))
"""
_KEPT = f"""
    ({_IN_FORCE} OR EXISTS (SELECT FROM cases c WHERE c.person_id = p.id AND c.state <> 'closed'))
"""
_CAN_BE_ASKED = "EXISTS (SELECT FROM contact_points c WHERE c.person_id = p.id AND c.state = 'active')"

_TO_ASK = text(f"""
    SELECT p.id FROM people p
    WHERE p.last_seen_at < now() - :silent AND {_CAN_BE_ASKED} AND NOT {_KEPT}
      AND (p.asked_to_stay_at IS NULL OR NOT p.question_left AND p.asked_to_stay_at < now() - :answer)
    ORDER BY p.last_seen_at LIMIT :limit FOR UPDATE OF p SKIP LOCKED
""")
_LEFT = text("""
    UPDATE people p SET question_left = true FROM contact_points c JOIN notices n ON n.contact_point_id = c.id
    WHERE p.asked_to_stay_at IS NOT NULL AND NOT p.question_left AND c.person_id = p.id
      AND n.created_at = p.asked_to_stay_at AND n.state = 'accepted'
""")
_TO_ERASE = text(f"""
    SELECT p.id FROM people p
    WHERE p.asked_to_stay_at < now() - :answer AND p.question_left AND {_CAN_BE_ASKED} AND NOT {_KEPT}
    ORDER BY p.asked_to_stay_at LIMIT :limit FOR UPDATE OF p SKIP LOCKED
""")
_ASKED = text("UPDATE people SET asked_to_stay_at = now(), question_left = false WHERE id = :person")
_UNCONFIRMED = text("""
    DELETE FROM people WHERE id IN (
        SELECT p.id FROM contact_points u JOIN people p ON p.id = u.person_id
        WHERE u.state = 'unconfirmed' AND u.created_at < now() - :unconfirmed
        AND p.source = 'web' AND p.created_at < now() - :unconfirmed
        AND NOT EXISTS (SELECT FROM contact_points c WHERE c.person_id = p.id AND c.state <> 'unconfirmed')
        LIMIT :limit)
""")


def retain(runtime: WorkerRuntime) -> int:
    """Do what is due, and return how many rows or people it concerned."""
    kept = runtime.periods.ledger
    with everywhere() as session:
        session.execute(_LEFT)
    steps: dict[str, Callable[[Session], int]] = {
        "never confirmed, erased": lambda session: _erase_unconfirmed(session, runtime.periods),
        "silent, asked": lambda session: _ask(session, runtime),
        "silent, erased": lambda session: _erase_silent(session, runtime.periods),
        "ledgers removed": lambda session: remove_ledger(session, kept),
        "messages removed": lambda session: remove_messages(session, kept, ROWS),
        "replies removed": lambda session: remove_replies(session, kept, ROWS),
    }
    done = {what: _repeat(runtime, step) for what, step in steps.items()}
    if any(done.values()):
        log.info("retention: %s", "; ".join(f"{what}: {count}" for what, count in done.items() if count))
    return sum(done.values())


def _repeat(runtime: WorkerRuntime, step: Callable[[Session], int]) -> int:
    total = 0
    for _ in range(MOST_CHUNKS):
        if runtime.stopping.is_set():
            break
        with everywhere() as session:
            count = step(session)
        if not count:
            break
        total += count
    return total


def _erase_unconfirmed(session: Session, periods: Periods) -> int:
    values = {"unconfirmed": periods.unconfirmed, "limit": CHUNK}
    return int(session.execute(_UNCONFIRMED, values).rowcount)  # type: ignore[attr-defined]


def _ask(session: Session, runtime: WorkerRuntime) -> int:
    periods = runtime.periods
    values = {"silent": periods.silent, "answer": periods.answer, "limit": CHUNK}
    people = _load(session, session.scalars(_TO_ASK, values).all())
    day = (datetime.now(UTC) + periods.answer).date()
    for person in people:
        session.execute(_ASKED, {"person": person.id})
        with (
            suppress(Unreadable),
            session.begin_nested(),
        ):  # else asked again later, and never erased for silence
            _send_question(session, runtime, person, day)
        record(session, system(person.organisation_id), "person.asked_to_stay", person.public_id)
    return len(people)


def _send_question(session: Session, runtime: WorkerRuntime, person: Person, day: date) -> None:
    vault = Vault.open(session, runtime.keyring, person.organisation_id)
    for contact in _asked_by(person):
        url = personal_url(runtime.base_url, new_link(session, person))
        letter = stay_letter(vault, contact, url, day)
        queue(session, vault, contact, letter.subject, letter.text, valid_for=WORTH_SENDING)


def _asked_by(person: Person) -> list[ContactPoint]:
    """The first contact point of each channel that is in use."""
    active = [contact for contact in person.contacts if contact.state is ContactState.ACTIVE]
    return list({contact.channel: contact for contact in reversed(active)}.values())


def _erase_silent(session: Session, periods: Periods) -> int:
    people = _load(session, session.scalars(_TO_ERASE, {"answer": periods.answer, "limit": CHUNK}).all())
    for person in people:
        erase(session, person)
        record(session, system(person.organisation_id), "person.erased", person.public_id, {"via": "silence"})
    return len(people)


def _load(session: Session, numbers: Sequence[int]) -> list[Person]:
    query = select(Person).options(*WHOLE).where(Person.id.in_(numbers))
    return list(session.scalars(query.order_by(Person.organisation_id, Person.id)))
