"""The inbox itself, and the officers' shifts."""

from __future__ import annotations

import math
import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from alerts.inbox import services, shifts
from alerts.inbox.console.blueprint import READERS, blueprint, limit
from alerts.lifecycle.clock import now
from alerts.responses.storing import reply_text
from registry.api.pages import page_of
from registry.audit.reading import Purpose, readings
from registry.audit.services import record
from registry.errors import Conflict, Invalid
from registry.organisations.services import actor_of
from registry.staff.reach import reach_of
from registry.web.console import current_officer, requires
from registry.web.console.access import polls
from registry.web.console.paging import exact_place_in
from registry.web.console.vaults import transaction
from registry.web.forms import Form
from registry.web.language import gettext as _

PAGE = 25
LIST = "console inbox"


@blueprint.get("/inbox", strict_slashes=False)
@requires(*READERS)
def index() -> ResponseReturnValue:
    """Every message that nobody has read: pleas first, the oldest first. What one sees of them is audited."""
    return _page(Form()), 200


@blueprint.post("/inbox/shift")
@requires(*READERS)
def shift() -> ResponseReturnValue:
    """Go on duty, or leave it with a note."""
    form = Form(request.form)
    try:
        with transaction() as (session, vault):
            if form.value("do") == "begin":
                shifts.begin(session, current_officer())
                flash(_("You are on duty: you are told by mail when a plea waits."), "good")
            else:
                shifts.end(session, vault.keys, current_officer(), form.value("note"))
                flash(_("Your shift has ended. Whoever comes next finds your note here."), "good")
    except Conflict as conflict:
        flash(str(conflict), "warn")
    except Invalid as invalid:
        form.take(invalid)
        return _page(form), 422
    return redirect(url_for(".index"), 303)


@blueprint.post("/inbox/handover/<uuid:public_id>")
@requires(*READERS)
def take_over(public_id: uuid.UUID) -> ResponseReturnValue:
    """A hand-over note has been read."""
    with transaction() as (session, _):
        shifts.take_over(session, current_officer(), public_id)
    return redirect(url_for(".index"), 303)


def _page(form: Form) -> str:
    officer = current_officer()
    with transaction() as (session, vault):
        after = exact_place_in(vault, LIST)
        within = reach_of(session, officer)
        found = services.list_unread(session, after, PAGE + 1, within)
        shown, following = page_of(vault, LIST, found, PAGE, lambda one: (services.rank_of(one), one.id))
        moment, seen_before = now(session), _seen_before()
        rows = [
            (
                reply,
                reply_text(vault, reply.person, reply)
                if reply.id <= seen_before and vault.opens(reply.person)
                else None,
                services.age_of(reply.received_at, moment),
            )
            for reply in shown
        ]
        if not polls():
            seen = readings(Purpose.CASE, "messages", (reply.person.public_id for reply in shown))
            record(session, actor_of(officer), "inbox.list", None, seen)
        return render_template(
            "inbox/index.html",
            rows=rows,
            rank_of=services.rank_of,
            tone=lambda age: services.tone(age, limit()),
            own_shift=shifts.own(session, officer),
            left=[(one, shifts.read_note(vault.keys, one)) for one in shifts.left(session)],
            duty=shifts.on_duty(session, officer.organisation_id),
            poll=url_for(
                ".index", after=request.args.get("after"), seen=max((r.id for r in shown), default=0)
            ),
            seen_before=seen_before,
            form=form,
            next_url=url_for(".index", after=following) if following else None,
            first_url=url_for(".index") if after else None,
        )


def _seen_before() -> float:
    """The number up to which the page has shown messages when it asks for news by itself: no text of a later one is
    shown then, for only loading the page is noted as reading."""
    return Form(request.args).number("seen") if polls() else math.inf
