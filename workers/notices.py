"""Sending notices: codes and links for one person. Twice does no harm, so a claim is simply a date moved on."""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.channels.base import Content, Message, Outcome, Result
from alerts.delivery import reference
from registry.crypto.keyring import Unreadable
from registry.notices.models import Notice, NoticeState
from registry.notices.services import open_content
from registry.organisations.scope import everywhere
from registry.people.models import ContactPoint
from registry.people.vault import Vault
from workers.runtime import WorkerRuntime

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BATCH = 50
MOST_ATTEMPTS = 10
"""With pauses that double from 10 s on, more than an hour: a provider may be away for minutes."""
MOST_UNANSWERED = 2
"""Attempts after which a notice that nobody answered for counts as sent."""

_CLAIM = text("""
    UPDATE notices SET claim = :token, attempts = attempts + 1, next_attempt_at = now() + :lease
    WHERE id IN (
        SELECT id FROM notices WHERE state = 'pending' AND next_attempt_at <= now()
        ORDER BY next_attempt_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id
""")

_EXPIRE = text("""
    UPDATE notices SET state = 'expired', sealed_content = NULL
    WHERE state = 'pending' AND (expires_at <= now() OR attempts >= :most) AND next_attempt_at <= now()
""")

_DUE = text("SELECT EXISTS (SELECT FROM notices WHERE state = 'pending' AND next_attempt_at <= now())")


def deliver_notices(runtime: WorkerRuntime) -> int:
    """Send what is due and return how many were handed over."""
    token = uuid.uuid4()
    with everywhere() as session:
        if not session.scalar(_DUE):
            return 0
        session.execute(_EXPIRE, {"most": MOST_ATTEMPTS})
        claimed = list(session.scalars(_CLAIM, {"token": token, "lease": LEASE, "limit": BATCH}))
        messages = [found for number in claimed if (found := _message(session, runtime, number))]
    sent = 0
    for name, channel in runtime.channels.items():
        mine = [message for kind, message in messages if kind == name]
        for result in channel.send(iter(mine)) if mine else ():
            _record(token, result)
            sent += 1
    return sent


def _message(session: Session, runtime: WorkerRuntime, notice_id: int) -> tuple[str, Message] | None:
    notice = session.get_one(Notice, notice_id)
    contact = session.get_one(ContactPoint, notice.contact_point_id)
    try:
        vault = Vault.open(session, runtime.keyring, notice.organisation_id)
        found = open_content(vault, notice, contact.person)
        address = vault.address(contact)
    except Unreadable:
        notice.state, notice.sealed_content = NoticeState.FAILED, None
        return None
    link = reference.make(
        runtime.keyring.signing_key, notice.organisation_id, "notice", notice.id, contact.id
    )
    content = Content(contact.person.language, found["text"], found.get("subject"))
    left = int((notice.expires_at - datetime.now(UTC)).total_seconds())
    return contact.channel, Message(notice.id, address, content, link, max(1, left))


def _record(token: uuid.UUID, result: Result) -> None:
    with everywhere() as session:
        notice = session.get(Notice, result.key)
        if notice is None or notice.claim != token:
            return
        notice.code = result.code
        unanswered = result.outcome is Outcome.UNKNOWN and notice.attempts >= MOST_UNANSWERED
        if result.outcome is Outcome.ACCEPTED or unanswered:
            notice.state, notice.sealed_content = NoticeState.ACCEPTED, None
        elif result.outcome in (Outcome.NEVER, Outcome.OPTED_OUT, Outcome.EXPIRED):
            notice.state, notice.sealed_content = NoticeState.FAILED, None
        else:
            notice.next_attempt_at = datetime.now(UTC) + timedelta(seconds=10 * 2 ** (notice.attempts - 1))
            log.warning("notice %d waits: %s %s", notice.id, result.outcome, result.code or "")
