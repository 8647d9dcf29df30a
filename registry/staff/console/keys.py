"""An officer takes a key that two administrators have granted: neither of them ever sees it."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.database import scoped
from registry.errors import Conflict
from registry.factors.console.asking import confirm_first
from registry.staff import grants
from registry.staff.console.blueprint import staff_console
from registry.web.console import current_officer, requires


@staff_console.get("/account/keys")
@requires()
def own_keys() -> ResponseReturnValue:
    """Keys that wait for the officer."""
    with scoped(current_officer().organisation_id) as session:
        return render_template(
            "console/staff/keys.html", grants=grants.granted_keys(session, current_officer())
        )


@staff_console.post("/account/keys/<uuid:public_id>/take")
@requires()
def take_key(public_id: uuid.UUID) -> ResponseReturnValue:
    """Make the key and show it, once."""
    stop = confirm_first()
    if stop:
        return stop
    me = current_officer()
    try:
        with scoped(me.organisation_id) as session:
            grant = grants.get_grant(session, me.organisation_id, public_id)
            secret = grants.take_key(session, me, grant)
    except Conflict as conflict:
        flash(str(conflict), "warn")
        return redirect(url_for(".own_keys"))
    return render_template("console/staff/key.html", secret=secret, scopes=grant.wanted["scopes"])
