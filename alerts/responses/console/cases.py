"""Cases: the list, and one case with what officers do about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from alerts.casework import referrals
from alerts.casework.log import entries
from alerts.casework.priority import LATER, URGENT
from alerts.lifecycle.clock import now
from alerts.lifecycle.services import get as get_alert
from alerts.responses import services
from alerts.responses.case_changes import MOVES
from alerts.responses.case_fields import NOTE_LIMIT, STEP_LIMIT, UNCHANGED
from alerts.responses.console.blueprint import CASE_WORKERS, blueprint
from alerts.responses.models import Case, CaseState, Outcome
from registry.api.pages import page_of
from registry.audit.reading import Purpose, reading, readings
from registry.audit.services import record
from registry.errors import Conflict, Invalid, NotFound
from registry.i18n import mark
from registry.organisations.services import actor_of
from registry.people.vault import Vault
from registry.staff.reach import reach_of
from registry.web.complaints import sentence
from registry.web.console import current_officer, requires
from registry.web.console.paging import exact_place_in
from registry.web.console.vaults import transaction
from registry.web.forms import Form
from registry.web.language import gettext as _

LIST = "console cases by urgency"
LABELS = {
    "state": mark("State"),
    "owner": mark("Who takes care of it"),
    "need": mark("Need"),
    "note": mark("Note"),
    "priority": mark("Priority"),
    "next_step": mark("Next step"),
    "due_at": mark("To be done by"),
    "outcome": mark("How it ended"),
}

PAGE = 50


@blueprint.get("/cases", strict_slashes=False)
@requires(*CASE_WORKERS)
def cases() -> ResponseReturnValue:
    """Cases, the most urgent first; by default those that are open. `?owner=nobody`: those that nobody has taken."""
    officer = current_officer()
    untaken = request.args.get("owner") == "nobody"
    word = request.args.get("state", "all" if untaken else CaseState.OPEN.value)
    if word not in {*CaseState, "all"}:
        raise NotFound
    state = None if word == "all" else CaseState(word)
    with transaction() as (session, vault):
        alert = get_alert(session, request.args["alert"]) if request.args.get("alert") else None
        after = exact_place_in(vault, LIST)
        number, within = alert.id if alert else None, reach_of(session, officer)
        found = services.list_urgent(session, state, after, PAGE + 1, number, within, untaken=untaken)
        shown, following = page_of(vault, LIST, found, PAGE, lambda row: (row.priority, row.id))
        seen = readings(Purpose.CASE, "cases", (row.person.public_id for row in shown))
        record(session, actor_of(officer), "case.list", None, seen)
        moment = now(session)
    here: dict[str, Any] = {"state": word, "alert": alert.public_id if alert else None}
    here["owner"] = "nobody" if untaken else None
    return render_template(
        "responses/cases.html",
        rows=shown,
        word="untaken" if untaken else word,
        alert=alert,
        now=moment,
        next_url=url_for(".cases", after=following, **here) if following else None,
        first_url=url_for(".cases", **here) if after else None,
    )


@blueprint.get("/cases/<case_id>")
@requires(*CASE_WORKERS)
def case(case_id: str) -> ResponseReturnValue:
    """One case. Reading it is audited."""
    with transaction() as (session, vault):
        found = get_case(session, case_id)
        whose = {**reading(Purpose.CASE), "person": str(found.person.public_id)}
        record(session, actor_of(current_officer()), "case.read", found.public_id, whose)
        return case_page(session, vault, found)


@blueprint.post("/cases/<case_id>")
@requires(*CASE_WORKERS)
def change(case_id: str) -> ResponseReturnValue:
    """Save what the form says, or take the case over at one press."""
    form = Form(request.form)
    try:
        with transaction() as (session, vault):
            found = get_case(session, case_id)
            services.update_case(session, vault, current_officer(), found, **_changes(form))
    except (Invalid, Conflict) as error:
        for problem in error.errors if isinstance(error, Invalid) else ():
            form.fail(problem.field, f"{_(LABELS.get(problem.field, problem.field))}: {sentence(problem)}")
        if isinstance(error, Conflict):
            form.fail("state", f"{_('State')}: {error}.")
        with transaction() as (session, vault):
            return case_page(session, vault, get_case(session, case_id), form), 422
    flash(_("The case is saved."), "good")
    return redirect(url_for(".case", case_id=case_id))


def get_case(session: Session, case_id: str) -> Case:
    """As far as the officer sees. Raises NotFound."""
    return services.get_case(session, case_id, reach_of(session, current_officer()))


def _changes(form: Form) -> dict[str, Any]:
    if form.value("do") == "take":
        return {"owner": current_officer().email, "state": CaseState.IN_PROGRESS.value}
    words = ("owner", "need", "note", "next_step", "outcome")
    given: dict[str, Any] = {name: form.value(name).replace("\r\n", "\n") or None for name in words}
    state = form.value("state")
    if state == CaseState.CLOSED.value and given["outcome"] is None:
        raise Invalid.one("outcome", "required", "say how it ended before you close it")
    priority = form.value("priority")
    given["priority"] = int(priority) if priority in ("1", "2", "3") else None
    given["due_at"] = _moment(form.value("due_at"))
    return given | {"state": state or UNCHANGED}


def _moment(word: str) -> datetime | None:
    """As browsers send it, in UTC."""
    if not word:
        return None
    try:
        return datetime.fromisoformat(word).replace(tzinfo=UTC)
    except ValueError:
        raise Invalid.one("due_at", "datetime", "must be a date and time such as 2027-01-31 18:00") from None


def _form(vault: Vault, found: Case) -> Form:
    return Form(
        {
            "state": found.state.value,
            "owner": found.owner.email if found.owner else "",
            "need": found.need or "",
            "note": services.read_note(vault, found) or "",
            "next_step": services.read_next_step(vault, found) or "",
            "priority": str(found.priority) if found.priority_set else "",
            "due_at": f"{found.due_at.astimezone(UTC):%Y-%m-%dT%H:%M}" if found.due_at else "",
            "outcome": found.outcome.value if found.outcome else "",
        }
    )


def case_page(session: Session, vault: Vault, found: Case, sent: Form | None = None) -> str:
    """The page of a case, with a form as it was sent: what it did not hold stands as it is."""
    form = _form(vault, found)
    if sent is not None:
        for name in sent.values:
            form.values.setlist(name, sent.values.getlist(name))
        form.errors = sent.errors
    return render_template(
        "responses/case.html",
        case=found,
        said=services.read_words(vault, found),
        form=form,
        states=[state for state in CaseState if state is found.state or state in MOVES[found.state]],
        outcomes=list(Outcome),
        labels=LABELS,
        note_limit=NOTE_LIMIT,
        step_limit=STEP_LIMIT,
        rule={1: sorted(URGENT), 3: sorted(LATER)},
        mine=found.owner_id == current_officer().id,
        log=entries(session, vault, found),
        referrals=[
            (one, referrals.read_words(vault, one, "answer"))
            for one in referrals.referrals_of(session, found)
        ],
        ways=referrals.ways(session, found.person),
        now=now(session),
    )
