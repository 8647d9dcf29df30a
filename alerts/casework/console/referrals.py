"""Cases that other organisations refer to us."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from alerts.casework import referrals as services
from alerts.casework.console.blueprint import WORKERS, blueprint
from alerts.casework.models import Referral, ReferralState
from registry.api.pages import page_of
from registry.database import Session
from registry.errors import Conflict, Invalid, NotFound
from registry.people.vault import Vault
from registry.web.complaints import whole_sentence
from registry.web.console import current_officer, requires, reveals
from registry.web.console.paging import place_in
from registry.web.console.vaults import transaction
from registry.web.forms import Form
from registry.web.language import gettext
from registry.web.platform import platform

PAGE = 25


@blueprint.get("/referrals", endpoint="referrals", strict_slashes=False)
@requires(*WORKERS)
def index() -> str:
    """Those to be worked on; `?ended=1`: those that ended. They say nothing of a person."""
    ended = request.args.get("ended") == "1"
    with transaction() as (session, vault):
        name = f"console referrals {ended}"
        after = place_in(vault, name) or 0
        found = services.received(session, vault.organisation.id, after, PAGE + 1, ended=ended)
        here: dict[str, Any] = {"ended": "1" if ended else None}
        shown, following = page_of(vault, name, found, PAGE)
        return render_template(
            "casework/referrals.html",
            referrals=shown,
            ended=ended,
            next_url=url_for(".referrals", after=following, **here) if following else None,
            first_url=url_for(".referrals", **here) if after else None,
        )


@blueprint.get("/referrals/<uuid:public_id>")
@requires(*WORKERS)
def referral(public_id: uuid.UUID) -> ResponseReturnValue:
    """What is asked, and who needs it. Seeing it is in both organisations' audit logs, and counts as opening contacts:
    above the limit they stay masked."""
    within = reveals.within_limit()
    with transaction() as (session, ours):
        if not within:
            reveals.raise_alarm(session, ours.keys)
            flash(gettext(reveals.TOO_MANY), "bad")
        found = services.open_received(session, current_officer(), public_id)
        return _page(session, found, Form(), in_full=within), 200 if within else 429


@blueprint.post("/referrals/<uuid:public_id>")
@requires(*WORKERS)
def answer_referral(public_id: uuid.UUID) -> ResponseReturnValue:
    """Accept it, decline it with a reason, or say that it is done."""
    form, officer = Form(request.form), current_officer()
    try:
        with transaction() as (session, _):
            found = services.open_received(session, officer, public_id)
            services.answer(
                session, _givers(found, session), officer, found, _state(form), form.value("words")
            )
    except Conflict as conflict:
        flash(str(conflict), "warn")
    except Invalid as invalid:
        form.fail("words", whole_sentence(invalid.errors[0]))
        with transaction() as (session, _):
            return _page(session, services.open_received(session, officer, public_id), form), 422
    else:
        flash(gettext("They are told."), "good")
    return redirect(url_for(".referral", public_id=public_id), 303)


def _state(form: Form) -> ReferralState:
    try:
        return ReferralState(form.value("state"))
    except ValueError:
        raise NotFound from None


def _givers(found: Referral, session: Session) -> Vault:
    return Vault.open(session, platform().keyring, found.organisation_id)


def _page(session: Session, found: Referral, form: Form, *, in_full: bool = False) -> str:
    vault, person = _givers(found, session), found.person
    shown = vault.address if in_full else vault.masked
    return render_template(
        "casework/referral.html",
        referral=found,
        giver=vault.organisation,
        person=person,
        contacts=[shown(one) for one in person.contacts] if vault.opens(person) else [],
        request_words=services.read_words(vault, found, "request"),
        answer_words=services.read_words(vault, found, "answer"),
        moves=[state.value for state, before in services.MOVES.items() if found.state in before],
        form=form,
    )
