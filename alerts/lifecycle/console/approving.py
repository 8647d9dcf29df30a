"""Letting an alert go: what an officer must have seen and confirmed."""

from __future__ import annotations

import unicodedata

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from alerts.lifecycle import services
from alerts.lifecycle.authority import TOLERANCE
from alerts.lifecycle.console.acting import Act, make_move, shown_again
from alerts.lifecycle.console.allowed import WHO
from alerts.lifecycle.console.blueprint import blueprint
from alerts.lifecycle.console.showing import preview_of
from alerts.lifecycle.console.versions import check_version
from alerts.lifecycle.models import Alert
from alerts.lifecycle.moves import Move
from registry.database import scoped
from registry.factors.console.answers import given_now
from registry.people.vault import Vault
from registry.staff.reach import beyond
from registry.web.console import current_officer, requires
from registry.web.forms import Form
from registry.web.language import gettext as _
from registry.web.platform import platform

SEPARATORS = str.maketrans("", "", " \u00a0\u202f.,'’٬")


@blueprint.post("/<alert_id>/approve")
@requires(*WHO[Move.APPROVE])
def approve(alert_id: str) -> ResponseReturnValue:
    """Let it go out, exactly as it was seen."""
    return _let_go(alert_id, _approve, "Approved. It is going out now.")


@blueprint.post("/<alert_id>/break-glass")
@requires(*WHO[Move.BREAK_GLASS])
def break_glass(alert_id: str) -> ResponseReturnValue:
    """Let one's own ready text go out, with nobody to approve it."""
    return _let_go(
        alert_id, _break_glass, "It is going out now. Every approver and administrator is being told."
    )


def confirm_approval(session: Session, alert: Alert, form: Form) -> None:
    """All that an officer confirms before an alert may go; notes in the form what is missing or wrong."""
    if form.value("confirm") != "yes":
        form.fail("confirm", _("Confirm that you have read the texts and the audience."))
    if number_in(form.value("audience")) is None:
        form.fail("confirm", _("Open the alert's page again, and read whom it reaches."))
    people = preview_of(session, alert).people
    if people <= platform().confirm_above:
        return
    typed = number_in(form.value("people"))
    if typed is None:
        form.fail("people", _("Number of people: type how many people it goes to."))
    elif abs(typed - people) > people // TOLERANCE:
        form.fail(
            "people", f"Number of people: you typed {typed:,}, and it goes to {people:,}. Read it again."
        )


def number_in(given: str) -> int | None:
    """A count as people write it, with separators or without, in any digits."""
    digits = given.translate(SEPARATORS)
    if not 0 < len(digits) <= 12 or not all(unicodedata.decimal(digit, None) is not None for digit in digits):
        return None
    return int(digits)


def _let_go(alert_id: str, act: Act, done: str) -> ResponseReturnValue:
    form = Form(request.form)
    with scoped(current_officer().organisation_id) as session:
        alert = services.get(session, alert_id)
        if beyond(session, current_officer(), alert.area["countries"]):
            return make_move(alert_id, act, done)  # which says why not
        confirm_approval(session, alert, form)
    if form.errors or not given_now(form):
        return shown_again(alert_id, form)
    return make_move(alert_id, act, done)


def _approve(session: Session, alert: Alert) -> Alert:
    approved = services.approve(session, current_officer(), alert, number_in(request.form["audience"]))
    check_version(approved, request.form.get("seen"))  # its row is locked by now; a conflict undoes all of it
    return approved


def _break_glass(session: Session, alert: Alert) -> Alert:
    officer = current_officer()
    sent = services.break_glass(
        session,
        Vault.open(session, platform().keyring, officer.organisation_id).keys,
        officer,
        alert,
        request.form.get("reason", ""),
        number_in(request.form["audience"]) or 0,
        platform().base_url + url_for(".show", alert_id=alert.public_id),
    )
    check_version(sent, request.form.get("seen"))
    return sent
