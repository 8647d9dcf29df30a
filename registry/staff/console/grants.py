"""Confirming and refusing what was asked for."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.database import scoped
from registry.errors import Conflict
from registry.factors.console.asking import confirm_first
from registry.staff import grants
from registry.staff.console.blueprint import ADMINISTRATOR, staff_console
from registry.web.console import current_officer, requires
from registry.web.language import gettext as _


@staff_console.post("/grants/<uuid:public_id>/confirm")
@requires(ADMINISTRATOR)
def confirm(public_id: uuid.UUID) -> ResponseReturnValue:
    """Give it; a one-time password is shown here, once."""
    stop = confirm_first()
    if stop:
        return stop
    me = current_officer()
    try:
        with scoped(me.organisation_id) as session:
            grant = grants.get_grant(session, me.organisation_id, public_id)
            password = grants.confirm(session, me, grant)
            email = grant.officer.email if grant.officer else grant.wanted.get("email")
    except Conflict as conflict:
        flash(str(conflict), "warn")
        return redirect(url_for(".index"))
    if password:
        return render_template("console/staff/password.html", password=password, email=email)
    flash(_("It is confirmed."), "good")
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
