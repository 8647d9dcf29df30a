"""Sending messages to one person each. None goes twice: one whose answer was lost is asked for, never sent blindly."""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import TextClause, select, text
from sqlalchemy.orm import Session

from alerts.channels.base import Answer, Content, Message, Outcome, Question, Result
from alerts.delivery import reference
from alerts.delivery.recording import LONGEST_WAIT
from alerts.outgoing.models import Outgoing, OutgoingState
from alerts.outgoing.services import OutgoingContent, content_of
from registry.addresses import country_of
from registry.crypto import KeyAway, Unreadable
from registry.organisations.scope import everywhere
from registry.people.models import ChannelName, ContactPoint, ContactState
from registry.people.services import opt_out
from registry.people.vault import Vault
from workers.breaker import now_open, open_breaker
from workers.routes import Route, choose
from workers.runtime import WorkerRuntime

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BATCH = 50
PATIENCE = timedelta(minutes=30)
"""How long a provider that can't be asked is waited for before an officer is to decide."""
BACKOFF = (10, 30, 120, 300)
"""Seconds before another try, by attempts so far."""

DUE = "SELECT FROM outgoing WHERE state IN ('pending', 'claimed') AND next_attempt_at <= now()"
_IS_DUE = text(f"SELECT EXISTS ({DUE})")
_EXPIRE = text("UPDATE outgoing SET state = 'expired' WHERE state = 'pending' AND expires_at <= now()")
_CLAIM = text("""
    UPDATE outgoing SET state = 'claimed', claim = :token, attempts = attempts + 1, claimed_at = now(),
        next_attempt_at = now() + :lease
    WHERE id IN (SELECT id FROM outgoing WHERE state = 'pending' AND next_attempt_at <= now()
                 ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id
""")
_DOUBT = text("""
    UPDATE outgoing SET claim = :token, next_attempt_at = now() + :lease
    WHERE id IN (SELECT id FROM outgoing WHERE state = 'claimed' AND next_attempt_at <= now()
                 ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id
""")


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed message with the way it takes. Plain values: no row leaves the transaction."""

    route: Route
    message: Message
    claimed_at: datetime


def deliver_outgoing(runtime: WorkerRuntime) -> int:
    """Settle what is in doubt, send what is due, and return how many were handed over."""
    with everywhere() as session:
        if not session.scalar(_IS_DUE):
            return 0
        session.execute(_EXPIRE)
    _settle_doubts(runtime)
    token = uuid.uuid4()
    sent = 0
    for route, group in _by_route(_take(runtime, _CLAIM, token, _new_route)):
        for result in route.channel.send(iter([one.message for one in group])):
            _record(token, route, result)
            sent += 1
    return sent


def _settle_doubts(runtime: WorkerRuntime) -> None:
    """What was claimed and never answered for: its provider is asked."""
    token = uuid.uuid4()
    for route, group in _by_route(_take(runtime, _DOUBT, token, _same_route)):
        questions = [
            Question(
                one.message.key,
                one.message.address,
                one.message.content.text,
                one.message.reference,
                one.claimed_at,
            )
            for one in group
        ]
        since = {one.message.key: one.claimed_at for one in group}
        for answer in route.channel.ask(questions):
            _note_answer(token, answer, since[answer.key])


def _take(
    runtime: WorkerRuntime, statement: TextClause, token: uuid.UUID, way: Callable[..., Route | None]
) -> list[Ready]:
    """Claim a batch; of each the way it takes, by `way`."""
    with everywhere() as session:
        values = {"token": token, "lease": LEASE, "limit": BATCH}
        numbers = list(session.scalars(statement, values))
        closed = now_open(session)
        rows = session.scalars(select(Outgoing).where(Outgoing.id.in_(numbers)).order_by(Outgoing.id))
        return [ready for row in rows if (ready := _make_ready(session, runtime, row, closed, way))]


def _make_ready(
    session: Session,
    runtime: WorkerRuntime,
    row: Outgoing,
    closed: set[str],
    way: Callable[..., Route | None],
) -> Ready | None:
    """None for what can't go now, or ever: its row says why."""
    try:
        vault = Vault.open(session, runtime.keyring, row.organisation_id)
        content = content_of(vault, row)
        address = content.get("address") or _own_address(session, vault, row)
    except KeyAway:
        log.warning("message %d waits for the keystore", row.id)
        row.state = row.state if row.provider else OutgoingState.PENDING
        return None
    except Unreadable:
        row.state, row.code = OutgoingState.FAILED, "unreadable"
        return None
    if address is None:
        row.state, row.code = OutgoingState.FAILED, "opted_out"
        return None
    route = way(runtime.routes_of(row.channel), row, address, closed)
    if route is None or row.claimed_at is None:
        row.state, row.code = OutgoingState.PENDING, "no_route"
        return None
    row.provider = route.provider
    return Ready(route, _message(runtime, row, address, content), row.claimed_at)


def _new_route(routes: Sequence[Route], row: Outgoing, address: str, closed: set[str]) -> Route | None:
    return choose(routes, country_of(address) if row.channel is ChannelName.SMS else None, closed)


def _same_route(routes: Sequence[Route], row: Outgoing, _address: str, _closed: set[str]) -> Route | None:
    """The provider that was to take it; another knows nothing of it."""
    return next((route for route in routes if route.provider == row.provider), routes[0])


def _own_address(session: Session, vault: Vault, row: Outgoing) -> str | None:
    """None when the person has opted out meanwhile, or taken the contact point away."""
    contact = session.get(ContactPoint, row.contact_point_id) if row.contact_point_id else None
    return vault.address(contact) if contact and contact.state is ContactState.ACTIVE else None


def _message(runtime: WorkerRuntime, row: Outgoing, address: str, content: OutgoingContent) -> Message:
    name = reference.make(
        runtime.keyring.signing_key, row.organisation_id, "outgoing", row.id, row.contact_point_id or 0
    )
    left = max(1, int((row.expires_at - datetime.now(UTC)).total_seconds()))
    return Message(row.id, address, Content(row.language, content["text"], content["subject"]), name, left)


def _by_route(ready: Sequence[Ready]) -> Iterator[tuple[Route, list[Ready]]]:
    groups: dict[str, list[Ready]] = defaultdict(list)
    for one in ready:
        groups[one.route.provider].append(one)
    return ((group[0].route, group) for group in groups.values())


def _record(token: uuid.UUID, route: Route, result: Result) -> None:
    """One treatment for each class of answer (DESIGN §4)."""
    with everywhere() as session:
        row = _held(session, token, result.key)
        if row is None:
            return
        row.code, row.provider_id = result.code, result.provider_id
        match result.outcome:
            case Outcome.ACCEPTED:
                row.state, row.accepted_at = OutgoingState.ACCEPTED, datetime.now(UTC)
            case Outcome.UNKNOWN:
                row.next_attempt_at = (
                    datetime.now(UTC) + LEASE
                )  # it stays claimed: then its provider is asked
            case Outcome.EXPIRED:
                row.state = OutgoingState.EXPIRED
            case Outcome.NEVER | Outcome.OPTED_OUT:
                row.state = OutgoingState.FAILED
                contact = session.get(ContactPoint, row.contact_point_id) if row.contact_point_id else None
                if contact is not None and result.outcome is Outcome.OPTED_OUT:
                    opt_out(contact)
            case Outcome.LATER | Outcome.US | Outcome.COUNTRY:
                wait = result.retry_after or BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
                row.state = OutgoingState.PENDING
                row.next_attempt_at = datetime.now(UTC) + timedelta(seconds=min(wait, LONGEST_WAIT))
                if result.outcome is Outcome.US:
                    open_breaker(session, route.provider, f"{result.code or ''} {result.detail}".strip())


def _note_answer(token: uuid.UUID, answer: Answer, since: datetime) -> None:
    with everywhere() as session:
        row = _held(session, token, answer.key)
        if row is None:
            return
        if answer.taken:
            row.state, row.provider_id = OutgoingState.ACCEPTED, answer.provider_id
            row.accepted_at = datetime.now(UTC)
        elif answer.taken is False:
            row.state, row.next_attempt_at = OutgoingState.PENDING, datetime.now(UTC)
        elif not answer.unreachable or datetime.now(UTC) - since > PATIENCE:
            row.state, row.code = OutgoingState.UNCERTAIN, "no_answer"


def _held(session: Session, token: uuid.UUID, number: int) -> Outgoing | None:
    """The row, if it is still this worker's and no receipt has settled it."""
    return session.scalar(
        select(Outgoing)
        .where(Outgoing.id == number, Outgoing.claim == token, Outgoing.state == OutgoingState.CLAIMED)
        .with_for_update(of=Outgoing)
    )
