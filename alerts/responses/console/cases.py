"""Cases: the list, and one case with what officers do about it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from alerts.lifecycle.services import get as get_alert
from alerts.responses import services
from alerts.responses.cases import MOVES, NOTE_LIMIT, UNCHANGED
from alerts.responses.console.blueprint import CASE_WORKERS, blueprint
from alerts.responses.console.paging import PAGE, position
from alerts.responses.models import Case, CaseState
from registry.api.pages import seal_cursor
from registry.audit.reading import Purpose, reading, readings
from registry.audit.services import record
from registry.database import scoped
from registry.errors import Conflict, Invalid, NotFound
from registry.organisations.services import actor_of
from registry.people.vault import Vault
from registry.staff.reach import reach_of
from registry.web.console import current_officer, requires
from registry.web.forms import Form
from registry.web.platform import platform

LIST = "console cases"
LABELS = {"state": "State", "owner": "Who takes care of it", "need": "Need", "note": "Note"}


@blueprint.get("/cases", strict_slashes=False)
@requires(*CASE_WORKERS)
def cases() -> ResponseReturnValue:
    """Cases, who has waited longest first; by default those that are not closed."""
    officer = current_officer()
    word = request.args.get("state", CaseState.OPEN.value)
    if word not in {*CaseState, "all"}:
        raise NotFound
    state = None if word == "all" else CaseState(word)
    with scoped(officer.organisation_id) as session:
        alert = get_alert(session, request.args["alert"]) if request.args.get("alert") else None
        vault = Vault.open(session, platform().keyring, officer.organisation_id)
        after = position(vault, LIST)
        number, within = alert.id if alert else None, reach_of(session, officer)
        found = services.list_cases(session, state, after, PAGE + 1, number, within)
        seen = readings(Purpose.CASE, "cases", (row.person.public_id for row in found[:PAGE]))
        record(session, actor_of(officer), "case.list", None, seen)
    here: dict[str, Any] = {"state": word, "alert": alert.public_id if alert else None}
    following = None
    if len(found) > PAGE:
        following = url_for(".cases", after=seal_cursor(vault, LIST, found[PAGE - 1].id), **here)
    return render_template(
        "responses/cases.html",
        rows=found[:PAGE],
        word=word,
        alert=alert,
        next_url=following,
        first_url=url_for(".cases", **here) if after else None,
    )


@blueprint.get("/cases/<case_id>")
@requires(*CASE_WORKERS)
def case(case_id: str) -> ResponseReturnValue:
    """One case. Reading it is audited."""
    with scoped(current_officer().organisation_id) as session:
        found = _get(session, case_id)
        whose = {**reading(Purpose.CASE), "person": str(found.person.public_id)}
        record(session, actor_of(current_officer()), "case.read", found.public_id, whose)
        return _page(session, found, _form(session, found))


@blueprint.post("/cases/<case_id>")
@requires(*CASE_WORKERS)
def change(case_id: str) -> ResponseReturnValue:
    """Save what the form says, or take the case over at one press."""
    form = Form(request.form)
    try:
        with scoped(current_officer().organisation_id) as session:
            found = _get(session, case_id)
            vault = _vault(session)
            services.update_case(session, vault, current_officer(), found, **_changes(form))
    except (Invalid, Conflict) as error:
        for problem in error.errors if isinstance(error, Invalid) else ():
            form.fail(problem.field, f"{LABELS.get(problem.field, problem.field)}: {problem.message}.")
        if isinstance(error, Conflict):
            form.fail("state", f"State: {error}.")
        with scoped(current_officer().organisation_id) as session:
            return _page(session, _get(session, case_id), form), 422
    flash("The case is saved.", "good")
    return redirect(url_for(".case", case_id=case_id))


def _get(session: Session, case_id: str) -> Case:
    return services.get_case(session, case_id, reach_of(session, current_officer()))


def _changes(form: Form) -> dict[str, Any]:
    if form.value("do") == "take":
        return {"owner": current_officer().email, "state": CaseState.IN_PROGRESS.value}
    given = {name: form.value(name).replace("\r\n", "\n") or None for name in ("owner", "need", "note")}
    return given | {"state": form.value("state") or UNCHANGED}


def _form(session: Session, found: Case) -> Form:
    return Form(
        {
            "state": found.state.value,
            "owner": found.owner.email if found.owner else "",
            "need": found.need or "",
            "note": services.read_note(_vault(session), found) or "",
        }
    )


def _vault(session: Session) -> Vault:
    return Vault.open(session, platform().keyring, current_officer().organisation_id)


def _page(session: Session, found: Case, form: Form) -> str:
    return render_template(
        "responses/case.html",
        case=found,
        form=form,
        states=[state for state in CaseState if state is found.state or state in MOVES[found.state]],
        note_limit=NOTE_LIMIT,
        mine=found.owner_id == current_officer().id,
    )
