"""Check-ins: the safety that people state for an alert. The session is scoped to the organisation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from alerts.delivery.models import DeliveryState
from alerts.lifecycle.models import Alert
from alerts.responses.case_changes import update_case
from alerts.responses.cases import (
    cases_of,
    get_case,
    list_cases,
    list_urgent,
    open_case,
    read_next_step,
    read_note,
)
from alerts.responses.models import Case, CaseState, CheckIn, Safety
from alerts.responses.telling import people_told
from registry.people.models import Person

__all__ = [
    "Summary",
    "cases_of",
    "check_in",
    "checkins_of",
    "get_case",
    "list_cases",
    "list_checkins",
    "list_urgent",
    "open_case",
    "read_next_step",
    "read_note",
    "summary",
    "update_case",
]

TOLD = (
    DeliveryState.CLAIMED,
    DeliveryState.UNCERTAIN,
    DeliveryState.ACCEPTED,
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.DELIVERED,
)
"""States in which a message may have arrived: answers overtake our own record, and receipts can be wrong."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the people to whom an alert went: how many are safe, need help, have not answered."""

    told: int
    """People with at least one message handed over."""
    safe: int
    help: int
    silent: int
    open_cases: int


def check_in(session: Session, person: Person, alert_id: int, safety: Safety, via: str) -> None:
    """State a person's safety for an alert; the later statement wins. Asking for help opens a case."""
    statement = insert(CheckIn).values(
        organisation_id=person.organisation_id,
        alert_id=alert_id,
        person_id=person.id,
        safety=safety,
        via=via,
        at=func.clock_timestamp(),
    )
    excluded = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["alert_id", "person_id"],
            set_={"safety": excluded.safety, "via": excluded.via, "at": excluded.at},
        )
    )
    if safety is Safety.HELP:
        open_case(session, person, alert_id)


def checkins_of(session: Session, person: Person, alert_ids: Collection[int]) -> dict[int, CheckIn]:
    """What the person has stated, by alert."""
    rows = session.scalars(
        select(CheckIn).where(CheckIn.person_id == person.id, CheckIn.alert_id.in_(alert_ids))
    )
    return {row.alert_id: row for row in rows}


def list_checkins(
    session: Session, alert: Alert, after: int = 0, limit: int = 50, safety: Safety | None = None
) -> Sequence[CheckIn]:
    """A page of an alert's check-ins, in the order of first answers; `after` is the last one's id."""
    query = (
        select(CheckIn)
        .options(joinedload(CheckIn.person).joinedload(Person.key))
        .where(CheckIn.alert_id == alert.id, CheckIn.id > after)
    )
    if safety is not None:
        query = query.where(CheckIn.safety == safety)
    return session.scalars(query.order_by(CheckIn.id).limit(limit)).all()


def summary(session: Session, alert: Alert) -> Summary:
    """Count an alert's answers, by people and not by contact points."""
    stated: dict[str, int] = {
        row.safety: row.people
        for row in session.execute(
            select(CheckIn.safety, func.count().label("people"))
            .where(CheckIn.alert_id == alert.id)
            .group_by(CheckIn.safety)
        )
    }
    safe, asked = stated.get(Safety.SAFE, 0), stated.get(Safety.HELP, 0)
    told = people_told(session, alert)
    open_cases = session.scalar(
        select(func.count()).where(Case.alert_id == alert.id, Case.state != CaseState.CLOSED)
    )
    return Summary(told, safe, asked, max(told - safe - asked, 0), open_cases or 0)
