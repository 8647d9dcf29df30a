"""Confirming and refusing what was asked for."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.database import Session, scoped
from registry.errors import Conflict
from registry.factors.console.answers import own_keys
from registry.factors.console.asking import with_fresh_factor
from registry.organisations.models import Officer
from registry.staff import grants, telling
from registry.staff.console.blueprint import ADMINISTRATOR, staff_console
from registry.staff.models import Grant, GrantKind
from registry.web.console import current_officer, may, requires
from registry.web.console.waiting import Task, add_waiting
from registry.web.language import gettext as _
from registry.web.language import ngettext
from registry.web.platform import platform


@staff_console.post("/grants/<uuid:public_id>/confirm")
@requires(ADMINISTRATOR)
@with_fresh_factor
def confirm(public_id: uuid.UUID) -> ResponseReturnValue:
    """Give it. A one-time password goes to its officer by mail, so that no administrator has it; it is shown here,
    once, only where no mail leaves."""
    me = current_officer()
    try:
        with scoped(me.organisation_id) as session:
            grant = grants.get_grant(session, me.organisation_id, public_id)
            password = grants.confirm(session, me, grant, platform().one_time_life)
            officer = session.get(Officer, grant.officer_id)
            if officer and password:
                _tell(session, officer, grant, password)
    except Conflict as conflict:
        flash(str(conflict), "warn")
        return redirect(url_for(".index"))
    if officer and password and platform().sandbox_email:
        hours = int(platform().one_time_life.total_seconds()) // 3600
        return render_template(
            "console/staff/password.html", password=password, email=officer.email, hours=hours
        )
    flash(
        _("It is confirmed. The one-time password is on its way.") if password else _("It is confirmed."),
        "good",
    )
    return redirect(url_for(".index"))


@staff_console.post("/grants/<uuid:public_id>/refuse")
@requires(ADMINISTRATOR)
def refuse(public_id: uuid.UUID) -> ResponseReturnValue:
    """End a request."""
    me = current_officer()
    try:
        with scoped(me.organisation_id) as session:
            grants.refuse(session, me, grants.get_grant(session, me.organisation_id, public_id))
    except Conflict as conflict:
        flash(str(conflict), "warn")
    else:
        flash(_("The request is ended. Nothing was given."), "good")
    return redirect(url_for(".index"))


def _tell(session: Session, officer: Officer, grant: Grant, password: str) -> None:
    """Mail the officer what was done and, where mail leaves, the password, which no administrator then sees."""
    here, keys = platform(), own_keys(session)
    if grant.kind is GrantKind.RESET:
        telling.tell_of_reset(session, keys, officer, mailed=not here.sandbox_email)
    if not here.sandbox_email:
        telling.send_password(session, keys, officer, password, here.base_url, here.one_time_life)


def waiting(session: Session, officer: Officer) -> Iterator[Task]:
    """Requests that another administrator made and this one may decide."""
    if may(ADMINISTRATOR):
        asked = grants.open_grants(session, officer.organisation_id)
        if others := sum(grant.author_id != officer.id and not grant.is_against(officer) for grant in asked):
            text = ngettext(
                "%(num)d request to confirm or refuse", "%(num)d requests to confirm or refuse", others
            )
            yield Task(text, url_for("staff.index"))


staff_console.record_once(lambda state: add_waiting(state.app, waiting))
