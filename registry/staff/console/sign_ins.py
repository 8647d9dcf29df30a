"""An administrator ends the sign-ins of an officer (OWASP ASVS 5.0 §7.4.5)."""

from __future__ import annotations

import uuid

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from registry.database import scoped
from registry.factors.console.asking import with_fresh_factor
from registry.staff import officers
from registry.staff.console.blueprint import ADMINISTRATOR, staff_console
from registry.web.console import current_officer, requires
from registry.web.language import gettext as _


@staff_console.post("/officers/<uuid:public_id>/sign-ins/end")
@requires(ADMINISTRATOR)
def end_all_sign_ins(public_id: uuid.UUID) -> ResponseReturnValue:
    """End every sign-in of the officer, as when a device was lost."""
    return _end(public_id, None)


@staff_console.post("/officers/<uuid:public_id>/sign-ins/<uuid:sign_in_id>/end")
@requires(ADMINISTRATOR)
def end_sign_in(public_id: uuid.UUID, sign_in_id: uuid.UUID) -> ResponseReturnValue:
    """End one of them."""
    return _end(public_id, sign_in_id)


@with_fresh_factor
def _end(public_id: uuid.UUID, sign_in_id: uuid.UUID | None) -> ResponseReturnValue:
    me = current_officer()
    with scoped(me.organisation_id) as session:
        officer = officers.get_officer(session, me.organisation_id, public_id)
        officers.end_sign_ins(session, me, officer, sign_in_id)
    flash(_("The sign-in is ended.") if sign_in_id else _("All sign-ins are ended."), "good")
    return redirect(url_for(".show", public_id=public_id))
