"""`/alerts/{id}/checkins` and `/cases`: who is safe and who needs help, for programs."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from apiflask import APIBlueprint
from pydantic import Field

from alerts.lifecycle.services import get as get_alert
from alerts.responses import models, services
from alerts.responses.models import CaseOrigin, CaseState, Outcome, Safety
from registry.api.access import Call
from registry.api.answers import Answer
from registry.api.document import ROOT
from registry.api.operations import Operation, operation
from registry.api.pages import Page, open_cursor, page_of
from registry.api.schemas import Given, PageQuery, Shown, absent
from registry.audit.reading import Purpose, reading, readings
from registry.audit.services import record
from registry.organisations.models import Scope
from registry.staff.reach import reach_of

responses_api = APIBlueprint("responses_api", __name__, url_prefix=ROOT, tag="Answers")
CASES = "cases"


class CheckinsQuery(PageQuery):
    """Which check-ins."""

    safety: Safety | None = None


class Checkin(Shown):
    """The latest safety that a person stated for an alert."""

    person: uuid.UUID
    reference: str
    safety: Safety
    via: str = Field(description="sms, email or web.")
    at: datetime


class CheckinsSummary(Shown):
    """Of the people to whom an alert went, how many answered what."""

    told: int = Field(description="People with at least one message handed over.")
    safe: int
    help: int
    silent: int
    open_cases: int


class CheckinsPage(Page[Checkin]):
    """A page of check-ins, in the order of first answers."""

    summary: CheckinsSummary | None = Field(description="On the first page only.")


class CasesQuery(PageQuery):
    """Which cases."""

    state: CaseState | None = None
    alert: uuid.UUID | None = Field(None, description="Of this alert only.")


class CaseChanges(Given):
    """The fields to change; null clears, save for the state."""

    state: CaseState = Field(default_factory=absent)
    owner: str | None = Field(
        default_factory=absent, max_length=254, description="An officer's email address."
    )
    need: str | None = Field(
        default_factory=absent, max_length=80, description="A short word such as medical or shelter."
    )
    note: str | None = Field(default_factory=absent, max_length=2000)
    priority: int | None = Field(
        default_factory=absent, ge=1, le=3, description="1 is the most urgent; null lets the rule decide."
    )
    next_step: str | None = Field(default_factory=absent, max_length=300)
    due_at: datetime | None = Field(default_factory=absent, description="When something must have been done.")
    outcome: Outcome | None = Field(default_factory=absent, description="How it ended, once it is closed.")


class Case(Shown):
    """Help that a person asked for."""

    id: uuid.UUID
    alert: uuid.UUID | None
    person: uuid.UUID
    reference: str
    state: CaseState
    need: str | None
    owner: str | None
    note: str | None
    origin: CaseOrigin = Field(description="What opened it.")
    priority: int = Field(description="1 is the most urgent: by what is needed, or as an officer set it.")
    next_step: str | None
    due_at: datetime | None
    outcome: Outcome | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None


class CasesPage(Page[Case]):
    """A page of cases; who has waited longest comes first."""


@operation(
    responses_api,
    "GET",
    "/alerts/<alert_id>/checkins",
    Operation((Scope.ALERTS_READ, Scope.CASES_READ), CheckinsPage, query=CheckinsQuery),
)
def list_checkins(call: Call, alert_id: str, query: CheckinsQuery) -> Answer:
    """List who has said that they are safe, or need help."""
    alert = get_alert(call.session, alert_id)
    name = f"checkins:{alert.id}"
    position = open_cursor(call.vault, name, query.after)
    reach = reach_of(call.session, call.officer)
    rows = services.list_checkins(
        call.session, alert, position[0] if position else 0, query.limit + 1, query.safety, reach
    )
    shown, following = page_of(call.vault, name, rows, query.limit)
    counted = None if position else services.summary(call.session, alert)
    seen = readings(Purpose.PROGRAM, "checkins", (row.person.public_id for row in shown))
    record(call.session, call.actor, "alert.checkins", alert.public_id, seen)
    return Answer(
        CheckinsPage(
            items=[
                Checkin(
                    person=row.person.public_id,
                    reference=row.person.reference,
                    safety=row.safety,
                    via=row.via,
                    at=row.at,
                )
                for row in shown
            ],
            next=following,
            summary=CheckinsSummary.model_validate(counted, from_attributes=True) if counted else None,
        )
    )


@operation(responses_api, "GET", "/cases", Operation(Scope.CASES_READ, CasesPage, query=CasesQuery))
def list_cases(call: Call, query: CasesQuery) -> Answer:
    """List cases."""
    alert = get_alert(call.session, query.alert) if query.alert else None
    position = open_cursor(call.vault, CASES, query.after)
    rows = services.list_cases(
        call.session,
        query.state,
        position[0] if position else 0,
        query.limit + 1,
        alert.id if alert else None,
        reach_of(call.session, call.officer),
    )
    shown, following = page_of(call.vault, CASES, rows, query.limit)
    seen = readings(Purpose.PROGRAM, "cases", (row.person.public_id for row in shown))
    record(call.session, call.actor, "case.list", None, seen)
    return Answer(CasesPage(items=[_case(call, row) for row in shown], next=following))


@operation(responses_api, "GET", "/cases/<case_id>", Operation(Scope.CASES_READ, Case))
def get_case(call: Call, case_id: str) -> Answer:
    """Get a case."""
    case = services.get_case(call.session, case_id, reach_of(call.session, call.officer))
    record(call.session, call.actor, "case.read", case.public_id, _whose(case))
    return Answer(_case(call, case))


@operation(
    responses_api,
    "PATCH",
    "/cases/<case_id>",
    Operation(Scope.CASES_WRITE, Case, body=CaseChanges, conflicts=True),
)
def change_case(call: Call, case_id: str, body: dict[str, Any]) -> Answer:
    """Take, close or reopen a case, or note what is needed."""
    case = services.get_case(call.session, case_id, reach_of(call.session, call.officer))
    return Answer(_case(call, services.update_case(call.session, call.vault, call.officer, case, **body)))


def _whose(case: models.Case) -> dict[str, Any]:
    return {**reading(Purpose.PROGRAM), "person": str(case.person.public_id)}


def _case(call: Call, case: models.Case) -> Case:
    return Case(
        id=case.public_id,
        alert=case.alert.public_id if case.alert else None,
        person=case.person.public_id,
        reference=case.person.reference,
        state=case.state,
        need=case.need,
        owner=case.owner.email if case.owner else None,
        note=services.read_note(call.vault, case),
        origin=case.origin,
        priority=case.priority,
        next_step=services.read_next_step(call.vault, case),
        due_at=case.due_at,
        outcome=case.outcome,
        created_at=case.created_at,
        updated_at=case.updated_at,
        closed_at=case.closed_at,
    )
