"""The moves: each a button on the alert's page."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from alerts.lifecycle import services
from alerts.lifecycle.console.allowed import WHO
from alerts.lifecycle.console.blueprint import AUTHORS, blueprint
from alerts.lifecycle.console.complaints import place_of
from alerts.lifecycle.console.showing import page
from alerts.lifecycle.console.words import new_page
from alerts.lifecycle.models import Alert
from alerts.lifecycle.moves import Move, can
from registry.database import scoped
from registry.errors import Conflict, Invalid, NotFound
from registry.web.console import current_officer, requires
from registry.web.forms import Form
from registry.web.language import gettext as _

Act = Callable[[Session, Alert], Alert]


@blueprint.post("/<alert_id>/submit")
@requires(*WHO[Move.SUBMIT])
def submit(alert_id: str) -> ResponseReturnValue:
    """Ask for approval."""
    return make_move(
        alert_id,
        lambda session, alert: services.submit(session, current_officer(), alert),
        "Approval is asked for. Somebody else must now approve it.",
    )


@blueprint.post("/<alert_id>/return")
@requires(*WHO[Move.RETURN])
def return_(alert_id: str) -> ResponseReturnValue:
    """Give it back to its author, with the reason."""
    return make_move(
        alert_id,
        lambda session, alert: services.return_(
            session, current_officer(), alert, request.form.get("reason", "")
        ),
        "It is returned to its author, with your reason.",
    )


@blueprint.post("/<alert_id>/pause")
@requires(*WHO[Move.PAUSE])
def pause(alert_id: str) -> ResponseReturnValue:
    """Hold back what has not left yet."""
    return make_move(
        alert_id,
        lambda session, alert: services.pause(session, current_officer(), alert),
        "Paused. What has left can't be called back; nothing more leaves until you go on.",
    )


@blueprint.post("/<alert_id>/resume")
@requires(*WHO[Move.RESUME])
def resume(alert_id: str) -> ResponseReturnValue:
    """Go on."""
    return make_move(
        alert_id,
        lambda session, alert: services.resume(session, current_officer(), alert),
        "It goes on.",
    )


@blueprint.post("/<alert_id>/cancel")
@requires(*WHO[Move.CANCEL])
def cancel(alert_id: str) -> ResponseReturnValue:
    """End it for good."""
    reason = request.form.get("cancel_reason")
    return make_move(
        alert_id,
        lambda session, alert: services.cancel(session, current_officer(), alert, reason),
        "Cancelled. What had left can't be called back.",
        {"reason": "cancel_reason"},
    )


@blueprint.post("/<alert_id>/correct")
@requires(*AUTHORS)
def correct(alert_id: str) -> ResponseReturnValue:
    """Stop what is still to leave, and begin a correction for exactly those whom it has reached."""
    officer = current_officer()
    with scoped(officer.organisation_id) as session:
        alert = services.get(session, alert_id)
        if alert.first_sent_at is None:
            raise NotFound
        if can(alert.state, Move.CANCEL):
            services.cancel(session, officer, alert, "A correction follows.")
            flash(_("What had not left yet was cancelled."), "good")
    return redirect(url_for(new_page(alert), corrects=alert.public_id), 303)


def make_move(alert_id: str, act: Act, done: str, names: dict[str, str] | None = None) -> ResponseReturnValue:
    """Make a move and show the alert; or show what stands against it."""
    here = url_for(".show", alert_id=alert_id)
    try:
        with scoped(current_officer().organisation_id) as session:
            act(session, services.get(session, alert_id))
    except Conflict as conflict:
        flash(str(conflict), "warn")
        return redirect(here)
    except Invalid as invalid:
        form = Form(request.form)
        for error in invalid.errors:
            name, label = place_of(error)
            form.fail((names or {}).get(name, name), f"{label.capitalize()}: {error.message}.")
        return shown_again(alert_id, form)
    flash(done, "good")
    return redirect(here)


def shown_again(alert_id: str, form: Form) -> ResponseReturnValue:
    """The alert's page with what is wrong with a form on it."""
    with scoped(current_officer().organisation_id) as session:
        return page(session, services.get(session, alert_id), form), 422
