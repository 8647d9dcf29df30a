"""Referring a case to another organisation, and hearing back. The session is scoped to the caller's organisation.

A case goes only under an agreement in force to which the person has consented. The recipient accepts or declines, and
says when it is done; each step stands in the case's log and in the audit of both.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from alerts.casework.log import add_entry
from alerts.casework.models import EntryKind, Referral, ReferralState
from alerts.responses.models import Case
from registry.audit.services import Actor, record
from registry.checking import CONTROL
from registry.crypto import Unreadable
from registry.errors import Conflict, FieldError, Invalid, NotFound
from registry.organisations.models import Officer
from registry.organisations.services import actor_of
from registry.people.models import Person
from registry.people.vault import Vault, cipher_of
from registry.sharing.models import Agreement
from registry.sharing.seeing import see_one
from registry.sharing.services import offered

MOVES: Final = MappingProxyType(
    {
        ReferralState.ACCEPTED: (ReferralState.OFFERED,),
        ReferralState.DECLINED: (ReferralState.OFFERED, ReferralState.ACCEPTED),
        ReferralState.DONE: (ReferralState.ACCEPTED,),
        ReferralState.WITHDRAWN: (ReferralState.OFFERED, ReferralState.ACCEPTED),
    }
)
OPEN: Final = (ReferralState.OFFERED, ReferralState.ACCEPTED)
LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Way:
    """An agreement under which a case could be referred."""

    agreement: Agreement
    consented: bool


def ways(session: Session, person: Person) -> list[Way]:
    """The agreements in force that concern the person, and whether they consent to each."""
    return [Way(agreement, given) for agreement, given in offered(session, person)]


def refer(
    session: Session, vault: Vault, officer: Officer, case: Case, agreement_id: uuid.UUID, request: str
) -> Referral:
    """Offer a case to the agreement's recipient. Raises NotFound, Invalid, and Conflict "no_consent", "referred"."""
    way = next((one for one in ways(session, case.person) if one.agreement.public_id == agreement_id), None)
    if way is None:
        raise NotFound
    if not way.consented:
        raise Conflict("no_consent", "The person has not agreed to that. Ask them first.")
    agreement = way.agreement
    if any(
        one.recipient_id == agreement.recipient_id and one.state in OPEN
        for one in referrals_of(session, case)
    ):
        raise Conflict("referred", "It is referred to them already.")
    referral = Referral(
        public_id=uuid.uuid4(),
        organisation_id=case.organisation_id,
        recipient_id=agreement.recipient_id,
        agreement_id=agreement.id,
        case_id=case.id,
        person_id=case.person_id,
        need=case.need,
        offered_by_id=officer.id,
    )
    referral.sealed_request = _seal(vault, case.person, referral, "request", request)
    session.add(referral)
    session.flush()
    add_entry(
        session, case, EntryKind.REFERRAL, officer, {"to": agreement.recipient.name, "state": "offered"}
    )
    details = {"referral": str(referral.public_id), "recipient": str(agreement.recipient.public_id)}
    record(session, actor_of(officer), "case.referred", case.public_id, details)
    return referral


def withdraw(session: Session, officer: Officer, case: Case, public_id: uuid.UUID) -> None:
    """Take a referral back. Raises NotFound, and Conflict when it has ended."""
    referral = next((one for one in referrals_of(session, case) if one.public_id == public_id), None)
    if referral is None:
        raise NotFound
    _move(session, referral, ReferralState.WITHDRAWN)
    details = {"to": referral.recipient.name, "state": "withdrawn"}
    add_entry(session, case, EntryKind.REFERRAL, officer, details)
    record(session, actor_of(officer), "case.referral_withdrawn", case.public_id)


def referrals_of(session: Session, case: Case) -> Sequence[Referral]:
    """A case's, the newest first."""
    query = select(Referral).options(joinedload(Referral.recipient)).where(Referral.case_id == case.id)
    return session.scalars(query.order_by(Referral.id.desc())).all()


def received(
    session: Session, organisation_id: int, after: int = 0, limit: int = 50, *, ended: bool = False
) -> Sequence[Referral]:
    """A page of the referrals to an organisation, the oldest first: those to be worked on, or those that ended."""
    query = (
        select(Referral)
        .options(joinedload(Referral.agreement).joinedload(Agreement.organisation))
        .where(Referral.recipient_id == organisation_id, Referral.id > after)
        .where(Referral.state.not_in(OPEN) if ended else Referral.state.in_(OPEN))
    )
    return session.scalars(query.order_by(Referral.id).limit(limit)).all()


def open_received(session: Session, officer: Officer, public_id: uuid.UUID) -> Referral:
    """One that came to the officer's organisation, with its person; from here on the session sees the giver's rows.

    Noted in both audit logs. Raises NotFound also when the person has taken their consent back.
    """
    referral = session.scalar(
        select(Referral)
        .options(joinedload(Referral.agreement))
        .where(Referral.public_id == public_id, Referral.recipient_id == officer.organisation_id)
    )
    if referral is None:
        raise NotFound
    see_one(session, officer, referral.agreement.public_id, referral.person_id, "referral.read")
    return referral


def answer(
    session: Session, giver: Vault, officer: Officer, referral: Referral, state: ReferralState, words: str
) -> None:
    """Accept it, decline it, or say that it is done, with words for the giver; after `open_received`.

    Declining needs a reason. Raises Invalid, and Conflict for a move that its state doesn't allow.
    """
    if state not in (ReferralState.ACCEPTED, ReferralState.DECLINED, ReferralState.DONE):
        raise NotFound
    if state is ReferralState.DECLINED and not words.strip():
        raise Invalid.one("words", "required", "say why, so that they can look for other help")
    referral.sealed_answer = (
        _seal(giver, referral.person, referral, "answer", words) or referral.sealed_answer
    )
    _move(session, referral, state)
    details = {"to": referral.recipient.name, "state": state.value}
    add_entry(session, referral.case, EntryKind.REFERRAL, None, details)
    theirs = Actor(referral.organisation_id, f"{referral.recipient.name}: {officer.email}"[:254])
    for actor in sorted((actor_of(officer), theirs), key=lambda one: one.organisation_id):
        record(session, actor, f"referral.{state.value}", referral.public_id)


def read_words(vault: Vault, referral: Referral, what: str) -> str | None:
    """The "request" or the "answer", by the giver's vault; None while it can't be read."""
    sealed = referral.sealed_request if what == "request" else referral.sealed_answer
    with suppress(Unreadable):
        return cipher_of(vault.keys, referral.person).open_text(sealed, _row(referral, what))
    return None


def _move(session: Session, referral: Referral, wanted: ReferralState) -> None:
    session.refresh(referral, ["state"], with_for_update=True)
    if referral.state not in MOVES[wanted]:
        raise Conflict("move", f"A referral that is {referral.state.value} can't become {wanted.value}.")
    referral.state, referral.answered_at = wanted, func.now()
    session.flush()


def _seal(vault: Vault, person: Person, referral: Referral, what: str, words: str) -> bytes | None:
    found = words.replace("\r\n", "\n").strip()
    if len(found) > LIMIT or CONTROL.search(found):
        raise Invalid([FieldError(what, "text", f"must be plain text of at most {LIMIT} characters")])
    return cipher_of(vault.keys, person).seal_text(found, _row(referral, what))


def _row(referral: Referral, what: str) -> bytes:
    return f"referrals.{what}:".encode() + referral.public_id.bytes
