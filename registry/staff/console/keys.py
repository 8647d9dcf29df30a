"""Keys for programs. An officer takes one that two administrators have granted, and neither of them ever sees it; all
of an organisation's are listed for administrators, who end them."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.api.pages import page_of
from registry.database import scoped
from registry.errors import Conflict
from registry.factors.console.asking import with_fresh_factor
from registry.organisations import keys
from registry.staff import grants, officers
from registry.staff.console.blueprint import ADMINISTRATOR, staff_console
from registry.web.console import current_officer, requires
from registry.web.console.paging import place_in
from registry.web.console.vaults import transaction
from registry.web.language import gettext as _

PAGE = 50
LIST = "console keys"


@staff_console.get("/officers/keys")
@requires(ADMINISTRATOR)
def all_keys() -> ResponseReturnValue:
    """Every key of the organisation, the newest first."""
    with transaction() as (session, vault):
        before = place_in(vault, LIST)
        found = keys.list_keys(session, current_officer().organisation_id, before, PAGE + 1)
        shown, following = page_of(vault, LIST, found, PAGE)
        return render_template(
            "console/staff/all_keys.html", keys=shown, next_after=following, first=before is None
        )


@staff_console.post("/officers/keys/<uuid:key_id>/revoke")
@requires(ADMINISTRATOR)
@with_fresh_factor
def revoke_key(key_id: uuid.UUID) -> ResponseReturnValue:
    """End a key at once."""
    me = current_officer()
    with scoped(me.organisation_id) as session:
        officers.revoke_key(session, me, keys.get_key(session, me.organisation_id, key_id))
    flash(_("The key is ended. Programs that still use it are refused."), "good")
    return redirect(url_for(".all_keys"))


@staff_console.get("/account/keys")
@requires()
def own_keys() -> ResponseReturnValue:
    """Keys that wait for the officer, and those that act for them."""
    me = current_officer()
    with scoped(me.organisation_id) as session:
        return render_template(
            "console/staff/keys.html",
            grants=grants.granted_keys(session, me),
            keys=keys.live_keys_of(session, me),
        )


@staff_console.post("/account/keys/<uuid:public_id>/take")
@requires()
@with_fresh_factor
def take_key(public_id: uuid.UUID) -> ResponseReturnValue:
    """Make the key and show it, once."""
    me = current_officer()
    try:
        with scoped(me.organisation_id) as session:
            grant = grants.get_grant(session, me.organisation_id, public_id)
            secret = grants.take_key(session, me, grant)
    except Conflict as conflict:
        flash(str(conflict), "warn")
        return redirect(url_for(".own_keys"))
    return render_template("console/staff/key.html", secret=secret, scopes=grant.wanted["scopes"])
