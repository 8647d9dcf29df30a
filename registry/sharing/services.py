"""Agreements and consents. Every function expects a session scoped to the caller's organisation."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from registry.audit.services import record
from registry.checking import Checker
from registry.database import get_published
from registry.errors import Conflict
from registry.organisations.models import Officer, Organisation
from registry.organisations.services import actor_of, find_organisation
from registry.people.models import Person
from registry.sharing.models import Agreement, Consent

WITH_SIDES = [joinedload(side, innerjoin=True) for side in (Agreement.organisation, Agreement.recipient)]


def propose(session: Session, officer: Officer, data: Mapping[str, Any]) -> Agreement:
    """Record an agreement to let another organisation see people; it holds once that one has countersigned it.

    `data`: "recipient" (name), "purpose", "countries" (list), "starts", "ends" (ISO 8601). Raises Invalid.
    """
    check = Checker()
    name = check.text(data, "recipient", "recipient", 200)
    recipient = find_organisation(session, name) if name else None
    if not check.errors and (recipient is None or recipient.id == officer.organisation_id):
        check.fail("recipient", "unknown", "give the exact name of another organisation here")
    purpose = check.text(data, "purpose", "purpose", 300)
    if purpose is None and not any(error.field == "purpose" for error in check.errors):
        check.fail("purpose", "required", "say what for")
    words: Sequence[str] = data.get("countries") or []
    codes = [check.country({"it": word}, "it", "countries", required=True) for word in words]
    if not codes:
        check.fail("countries", "required", "name at least one country")
    starts, ends = check.day(data, "starts", "starts"), check.day(data, "ends", "ends")
    for name, day in (("starts", starts), ("ends", ends)):
        if day is None and not any(error.field == name for error in check.errors):
            check.fail(name, "required", "must be a date such as 2027-01-31")
    if starts and ends and ends < starts:
        check.fail("ends", "order", "must not be before the first day")
    check.done()
    assert recipient and starts and ends
    agreement = Agreement(
        organisation_id=officer.organisation_id,
        recipient_id=recipient.id,
        purpose=purpose,
        countries=list(dict.fromkeys(code for code in codes if code)),
        starts=starts,
        ends=ends,
        recorded_by_id=officer.id,
    )
    session.add(agreement)
    session.flush()
    record(
        session,
        actor_of(officer),
        "agreement.record",
        agreement.public_id,
        {"recipient": str(recipient.public_id)},
    )
    return agreement


def countersign(session: Session, officer: Officer, agreement: Agreement) -> None:
    """Agree, for the recipient. Raises Conflict for the other side, and when it was done or is over."""
    session.refresh(agreement, ["countersigned_at", "ended_at"], with_for_update=True)
    if agreement.recipient_id != officer.organisation_id:
        raise Conflict("theirs", "the other organisation must countersign it")
    if agreement.countersigned_at or agreement.ended_at:
        raise Conflict("over", "it is countersigned or over already")
    agreement.countersigned_by_id, agreement.countersigned_at = officer.id, func.now()
    session.flush()
    record(session, actor_of(officer), "agreement.countersign", agreement.public_id)


def end(session: Session, officer: Officer, agreement: Agreement) -> None:
    """End it before its time, from either side. Raises Conflict when it is over."""
    session.refresh(agreement, ["countersigned_at", "ended_at"], with_for_update=True)
    if agreement.ended_at:
        raise Conflict("over", "it is over already")
    agreement.ended_at = func.now()
    session.flush()
    record(session, actor_of(officer), "agreement.end", agreement.public_id)


def agreements(session: Session, organisation_id: int, after: int = 0, limit: int = 50) -> list[Agreement]:
    """A page of all that the organisation is a side of."""
    mine = or_(Agreement.organisation_id == organisation_id, Agreement.recipient_id == organisation_id)
    query = select(Agreement).options(*WITH_SIDES).where(mine, Agreement.id > after)
    return list(session.scalars(query.order_by(Agreement.id).limit(limit)))


def get(session: Session, public_id: uuid.UUID) -> Agreement:
    """One of either side. Raises NotFound."""
    return get_published(session, Agreement, public_id, options=WITH_SIDES)


def received(session: Session, organisation_id: int) -> list[Agreement]:
    """Those under which this organisation may see people today."""
    ours = Agreement.recipient_id == organisation_id
    return list(session.scalars(select(Agreement).options(*WITH_SIDES).where(ours, in_force())))


def offered(session: Session, person: Person) -> list[tuple[Agreement, bool]]:
    """The agreements in force that concern where a person stays, and whether they consent to each."""
    given = exists().where(Consent.agreement_id == Agreement.id, Consent.person_id == person.id)
    rows = session.execute(
        select(Agreement, given)
        .options(joinedload(Agreement.recipient))
        .where(Agreement.organisation_id == person.organisation_id, in_force())
        .order_by(Agreement.id)
    )
    here = {stay.country for stay in person.stays}
    return [(row[0], row[1]) for row in rows if row[1] or here & set(row[0].countries)]


def consent(session: Session, person: Person, agreement: Agreement) -> None:
    """Let the recipient see this person; twice is once."""
    session.execute(
        insert(Consent)
        .values(person_id=person.id, agreement_id=agreement.id, organisation_id=person.organisation_id)
        .on_conflict_do_nothing()
    )


def take_back(session: Session, person: Person, agreement: Agreement) -> None:
    """No more from now on."""
    session.execute(
        delete(Consent).where(Consent.person_id == person.id, Consent.agreement_id == agreement.id)
    )


def state(session: Session, agreement: Agreement) -> str:
    """ "proposed", "in_force", "to_come" or "over", by the database's clock."""
    today = session.scalar(select(func.current_date()))
    assert today
    if agreement.ended_at or agreement.ends < today:
        return "over"
    if agreement.countersigned_at is None:
        return "proposed"
    return "to_come" if today < agreement.starts else "in_force"


def recipients(session: Session, organisation_id: int) -> list[str]:
    """Names of all other organisations here."""
    others = select(Organisation.name).where(Organisation.id != organisation_id).order_by(Organisation.name)
    return list(session.scalars(others.limit(200)))


def in_force() -> ColumnElement[bool]:
    """Whether people may be seen under an agreement today."""
    return and_(
        Agreement.countersigned_at.is_not(None),
        Agreement.ended_at.is_(None),
        Agreement.starts <= func.current_date(),
        Agreement.ends >= func.current_date(),
    )
