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
    find_open,
    get_case,
    list_cases,
    list_urgent,
    open_case,
    read_next_step,
    read_note,
    read_words,
)
from alerts.responses.models import Case, CaseOrigin, CaseState, CheckIn, ReachBy, Safety, ToldBy
from alerts.responses.telling import people_told
from registry.people.models import Person
from registry.staff.reach import Reach, stays_within

__all__ = [
    "OWN",
    "Summary",
    "Word",
    "ask_for_help",
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
    "read_words",
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
class Word:
    """Whose statement it is. Without `told_by` the person's own; under `duress` it only looks as if all were well."""

    told_by: ToldBy | None = None
    told_by_id: int | None = None
    duress: bool = False


OWN = Word()


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the people to whom an alert went: how many are safe, need help, have not answered."""

    told: int
    """People with at least one message handed over."""
    safe: int
    help: int
    silent: int
    open_cases: int


def check_in(
    session: Session, person: Person, alert_id: int, safety: Safety, via: str, word: Word = OWN
) -> Case | None:
    """State a person's safety for an alert; the later statement wins, but nobody's replaces the person's own.

    Asking for help opens a case, whoever asks; it is returned. An answer to a question asked again is one to the alert
    that it was about.
    """
    about = func.coalesce(select(Alert.about_id).where(Alert.id == alert_id).scalar_subquery(), alert_id)
    statement = insert(CheckIn).values(
        organisation_id=person.organisation_id,
        alert_id=about,
        person_id=person.id,
        safety=safety,
        via=via,
        at=func.clock_timestamp(),
        told_by=word.told_by,
        told_by_id=word.told_by_id,
        duress=word.duress,
    )
    excluded = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["alert_id", "person_id"],
            set_={
                name: excluded[name] for name in ("safety", "via", "at", "told_by", "told_by_id", "duress")
            },
            where=CheckIn.told_by.is_not(None) if word.told_by else None,
        )
    )
    return (
        ask_for_help(session, person, session.scalar(select(about)), word) if safety is Safety.HELP else None
    )


def ask_for_help(session: Session, person: Person, alert_id: int | None, word: Word = OWN) -> Case:
    """Open a case, or go on with the one that is open."""
    known = find_open(session, person.id, alert_id)
    origin = CaseOrigin.RELATIVE if word.told_by else CaseOrigin.ANSWER
    case = open_case(session, person, alert_id, origin)
    if word.duress:
        case.duress, case.reach_by = True, ReachBy.NONE
    elif word.told_by is None:
        case.told_by = case.told_by_id = None
    elif known is None:
        case.told_by, case.told_by_id = word.told_by, word.told_by_id
    session.flush()
    return case


def checkins_of(session: Session, person: Person, alert_ids: Collection[int]) -> dict[int, CheckIn]:
    """What the person has stated, by alert."""
    rows = session.scalars(
        select(CheckIn).where(CheckIn.person_id == person.id, CheckIn.alert_id.in_(alert_ids))
    )
    return {row.alert_id: row for row in rows}


def list_checkins(
    session: Session,
    alert: Alert,
    after: int = 0,
    limit: int = 50,
    safety: Safety | None = None,
    within: Reach = None,
) -> Sequence[CheckIn]:
    """A page of an alert's check-ins, in the order of first answers; `after` is the last one's id, `within` how far one
    sees."""
    query = (
        select(CheckIn)
        .options(joinedload(CheckIn.person).joinedload(Person.key))
        .where(CheckIn.alert_id == alert.id, CheckIn.id > after, *stays_within(CheckIn.person_id, within))
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
