"""Sending notices, to one person, officer or stranger each. Twice does no harm: a claim is simply a date moved on."""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.channels.base import Content, Message, Outcome, Result
from alerts.delivery import reference
from alerts.family.inquiring import open_letter
from alerts.family.models import Inquiry
from registry.crypto import KeyAway, Keyring, Unreadable
from registry.notices.models import Notice, NoticeState, OfficerMail, Queued
from registry.notices.officers import open_officer_mail
from registry.notices.services import open_content
from registry.organisations.models import Officer
from registry.organisations.scope import everywhere, organisation_ids
from registry.organisations.services import keys_of
from registry.people.models import ChannelName, ContactPoint
from registry.people.vault import Vault
from workers.runtime import WorkerRuntime

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BATCH = 50
MOST_ATTEMPTS = 10
"""With pauses that double from 10 s on, more than an hour: a provider may be away for minutes."""
MOST_UNANSWERED = 2
"""Attempts after which a notice that nobody answered for counts as sent."""

_CLAIM = """
    UPDATE {table} SET claim = :token, attempts = attempts + 1, next_attempt_at = now() + :lease
    WHERE id IN (
        SELECT id FROM {table} WHERE state = 'pending' AND next_attempt_at <= now()
        ORDER BY next_attempt_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id
"""

_EXPIRE = """
    UPDATE {table} SET state = 'expired', sealed_content = NULL
    WHERE state = 'pending' AND (expires_at <= now() OR attempts >= :most) AND next_attempt_at <= now()
"""

KINDS: tuple[type[Queued], ...] = (OfficerMail, Notice, Inquiry)
_DUE = "SELECT FROM {table} WHERE state = 'pending' AND next_attempt_at <= now()"
DUE = " UNION ALL ".join(_DUE.format(table=kind.__tablename__) for kind in KINDS)
"""What there is to be sent, of any kind."""


def deliver_notices(runtime: WorkerRuntime) -> int:
    """Send what is due and return how many were handed over."""
    return sum(_deliver(runtime, kind) for kind in KINDS)


def _deliver(runtime: WorkerRuntime, kind: type[Queued]) -> int:
    due, expire, claim = (
        text(sql.format(table=kind.__tablename__)) for sql in (f"SELECT EXISTS ({_DUE})", _EXPIRE, _CLAIM)
    )
    token = uuid.uuid4()
    with everywhere() as session:
        if not session.scalar(due):
            return 0
        session.execute(expire, {"most": MOST_ATTEMPTS})
        claimed = list(session.scalars(claim, {"token": token, "lease": LEASE, "limit": BATCH}))
        notices = [session.get_one(kind, number) for number in claimed]
        messages = [found for notice in notices if (found := _message(session, runtime.keyring, notice))]
    sent = 0
    for name, channel in runtime.channels.items():
        mine = [message for via, message in messages if via == name]
        for result in channel.send(iter(mine)) if mine else ():
            _record(kind, token, result)
            sent += 1
    return sent


def _message(session: Session, keyring: Keyring, notice: Queued) -> tuple[str, Message] | None:
    """The channel's name and what it is to send; None for what can't be read, or can't yet."""
    try:
        if isinstance(notice, OfficerMail):
            return ChannelName.EMAIL, _to_officer(session, keyring, notice)
        if isinstance(notice, Notice):
            return _to_person(session, keyring, notice)
        if isinstance(notice, Inquiry):
            return _to_asker(session, keyring, notice)
    except KeyAway:
        log.warning("notice %d waits for the keystore", notice.id)
    except Unreadable:
        notice.state, notice.sealed_content = NoticeState.FAILED, None
    return None


def _to_person(session: Session, keyring: Keyring, notice: Notice) -> tuple[str, Message]:
    contact = session.get_one(ContactPoint, notice.contact_point_id)
    vault = Vault.open(session, keyring, notice.organisation_id)
    found = open_content(vault, notice, contact.person)
    name = reference.make(keyring.signing_key, notice.organisation_id, "notice", notice.id, contact.id)
    content = Content(contact.person.language, found["text"], found.get("subject"))
    return contact.channel, Message(notice.id, vault.address(contact), content, name, _left(notice))


def _to_officer(session: Session, keyring: Keyring, mail: OfficerMail) -> Message:
    officer = session.get_one(Officer, mail.officer_id)
    found = open_officer_mail(keys_of(keyring, officer.organisation), mail, officer)
    name = reference.make(keyring.signing_key, mail.organisation_id, "officer", mail.id, officer.id)
    content = Content(officer.language, found["text"], found["subject"])
    return Message(mail.id, found["address"], content, name, _left(mail))


def _to_asker(session: Session, keyring: Keyring, inquiry: Inquiry) -> tuple[str, Message]:
    """It is of no organisation: the sandbox shows it at the first, and what a receipt says of it counts nowhere."""
    found = open_letter(keyring, inquiry)
    first = min(organisation_ids(session))
    name = reference.make(keyring.signing_key, first, "officer", inquiry.id, 0)
    content = Content(found["language"], found["text"], found["subject"])
    channel = ChannelName.EMAIL if "@" in found["address"] else ChannelName.SMS
    return channel, Message(inquiry.id, found["address"], content, name, _left(inquiry))


def _left(notice: Queued) -> int:
    """Seconds for which it is worth sending."""
    return max(1, int((notice.expires_at - datetime.now(UTC)).total_seconds()))


def _record(kind: type[Queued], token: uuid.UUID, result: Result) -> None:
    with everywhere() as session:
        notice = session.get(kind, result.key)
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
            log.warning("%s %d waits: %s %s", kind.__name__, notice.id, result.outcome, result.code or "")
