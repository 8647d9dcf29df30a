"""The composer: a new alert, or one to be changed."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from alerts.audience.preview import Rates
from alerts.lifecycle import services
from alerts.lifecycle.console import complaints
from alerts.lifecycle.console.blueprint import AUTHORS, blueprint
from alerts.lifecycle.console.choices import choices
from alerts.lifecycle.console.fields import blank, data_of, form_of
from alerts.lifecycle.console.previews import look, untold
from alerts.lifecycle.console.starts import start
from alerts.lifecycle.console.steps import step
from alerts.lifecycle.console.versions import check_version, version
from alerts.lifecycle.console.words import new_page
from alerts.lifecycle.intake import read_alert
from alerts.lifecycle.models import Alert
from alerts.lifecycle.moves import Move, check
from registry.database import scoped
from registry.errors import Conflict, Invalid
from registry.staff.reach import reach_of
from registry.web.console import current_officer, requires
from registry.web.forms import Form
from registry.web.language import gettext as _
from registry.web.platform import platform


@blueprint.get("/new")
@requires(*AUTHORS)
def new() -> ResponseReturnValue:
    """An empty form, or one that begins from an alert to follow (`?follows=&type=`) or to correct (`?corrects=`)."""
    return _begin(exercise=False)


@blueprint.get("/exercises/new")
@requires(*AUTHORS)
def new_exercise() -> ResponseReturnValue:
    """The same for an exercise, on a screen that can't make anything else."""
    return _begin(exercise=True)


@blueprint.post("/new")
@requires(*AUTHORS)
def create() -> ResponseReturnValue:
    """Save a draft, or do what a small button says."""
    return _create(exercise=False)


@blueprint.post("/exercises/new")
@requires(*AUTHORS)
def create_exercise() -> ResponseReturnValue:
    """The same for an exercise."""
    return _create(exercise=True)


def _begin(*, exercise: bool) -> ResponseReturnValue:
    officer, asked = current_officer(), request.args
    with scoped(officer.organisation_id) as session:
        form = start(session, asked.get("follows"), asked.get("type"), asked.get("corrects"))
        if form is None:
            form = blank(officer.organisation.default_language)
            _mark(form, exercise=exercise)
        elif form.chosen("exercise", "yes") is not exercise:
            other: dict[str, Any] = asked.to_dict()
            return redirect(url_for(new_page(None, exercise=not exercise), **other))
        return _page(session, form, None)


def _mark(form: Form, *, exercise: bool) -> None:
    """Which it is, the screen says and not what was sent."""
    form.values.setlist("exercise", ["yes"] if exercise else [])


def _create(*, exercise: bool) -> ResponseReturnValue:
    officer, form = current_officer(), Form(request.form)
    _mark(form, exercise=exercise)
    with scoped(officer.organisation_id) as session:
        if form.value("do") != "save":
            step(form, form.value("do"), lambda: _wanted(session, form))
            return _page(session, form, None), 422 if form.errors else 200
    try:
        intake = read_alert(data_of(form))
        with scoped(officer.organisation_id) as session:
            alert = services.create_draft(session, officer, intake)
    except Invalid as invalid:
        return _again(form, invalid, None)
    flash(_("The draft is saved. Look it over, then ask for approval."), "good")
    return redirect(url_for(".show", alert_id=alert.public_id))


@blueprint.get("/<alert_id>/edit")
@requires(*AUTHORS)
def edit(alert_id: str) -> ResponseReturnValue:
    """The alert in the form."""
    with scoped(current_officer().organisation_id) as session:
        alert = services.get(session, alert_id)
        try:
            check(alert.state, Move.EDIT, begun=alert.planned_at is not None)
        except Conflict as conflict:
            flash(str(conflict), "warn")
            return redirect(url_for(".show", alert_id=alert.public_id))
        form = form_of(alert)
        form.values["seen"] = version(alert)
        return _page(session, form, alert)


@blueprint.post("/<alert_id>/edit")
@requires(*AUTHORS)
def change(alert_id: str) -> ResponseReturnValue:
    """Save it as a draft, or do what a small button says."""
    officer, form = current_officer(), Form(request.form)
    with scoped(officer.organisation_id) as session:
        alert = services.get(session, alert_id)
        _mark(form, exercise=alert.exercise)
        if form.value("do") != "save":
            step(form, form.value("do"), lambda: _wanted(session, form))
            return _page(session, form, alert), 422 if form.errors else 200
    try:
        intake = read_alert(data_of(form))
        with scoped(officer.organisation_id) as session:
            alert = services.get(session, alert_id)
            session.refresh(alert, with_for_update={"key_share": True})
            check_version(alert, form.value("seen"))
            alert = services.edit(session, officer, alert, intake)
    except Invalid as invalid:
        return _again(form, invalid, alert_id)
    except Conflict as conflict:
        form.fail("save", f"{conflict} What you wrote is still below; nothing was saved.")
        return _again(form, Invalid([]), alert_id)
    flash(_("The changes are saved. It is a draft now: ask for approval again."), "good")
    return redirect(url_for(".show", alert_id=alert.public_id))


@blueprint.post("/preview")
@requires(*AUTHORS)
def preview() -> ResponseReturnValue:
    """For the script of the composer: the parts of the page that follow from the form, by their ids."""
    officer, form = current_officer(), Form(request.form)
    with scoped(officer.organisation_id) as session:
        found = look(session, officer, form, Rates.of(platform()))
        parts = {
            "preview": render_template("alerts/preview.html", look=found, form=form, composing=True),
            "lacking": render_template("alerts/lacking.html", look=found),
        }
        for tag, meter in found.meters.items():
            parts[f"meter-{tag}"] = render_template(
                "alerts/meter.html", meter=meter, tag=tag, bill=found.bill(tag), look=found
            )
        parts["regions"] = render_template(
            "alerts/regions.html", form=form, choices=choices(session, form, None, reach_of(session, officer))
        )
    return {"parts": parts}


def _wanted(session: Session, form: Form) -> list[str]:
    """The languages of the people in the audience that have no text yet."""
    found = look(session, current_officer(), form, Rates.of(platform())).audience
    return [row.language for row in untold(found)] if found else []


def _again(form: Form, invalid: Invalid, alert_id: str | None) -> ResponseReturnValue:
    """The form once more with what is wrong; nothing that was typed is lost."""
    complaints.take(form, invalid)
    with scoped(current_officer().organisation_id) as session:
        return _page(session, form, services.get(session, alert_id) if alert_id else None), 422


def _page(session: Session, form: Form, alert: Alert | None) -> str:
    officer = current_officer()
    return render_template(
        "alerts/compose.html",
        form=form,
        alert=alert,
        choices=choices(session, form, alert, reach_of(session, officer)),
        look=look(session, officer, form, Rates.of(platform())),
        organisation=officer.organisation,
    )
