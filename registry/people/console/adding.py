"""Adding a person who came to the counter, or called."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.audit.services import record
from registry.organisations.services import actor_of
from registry.people import joining
from registry.people.console.blueprint import WRITERS, elsewhere, people_console
from registry.people.console.reading import read_new
from registry.people.intake import Intake
from registry.people.models import Person, Source
from registry.people.pages import options
from registry.people.services import KnownContact, is_seen_by
from registry.web.console import current_officer, requires
from registry.web.console.vaults import transaction
from registry.web.forms import Form
from registry.web.language import gettext as _


@people_console.get("/new")
@requires(*WRITERS)
def new() -> ResponseReturnValue:
    """An empty form."""
    return _page(Form({"language": current_officer().organisation.default_language}))


@people_console.post("/new")
@requires(*WRITERS)
def add() -> ResponseReturnValue:
    """Register the person; their contact points count as proved, for the officer has them from the person."""
    form = Form(request.form)
    intake = read_new(form)
    if intake is None:
        return _page(form), 422
    try:
        person, seen = _register(intake)
    except KnownContact as known:
        for position in known.positions:
            field = "phone" if intake.contacts[position].channel == "sms" else "email"
            form.fail(field, _("Somebody is registered with this already. Look them up instead."))
        return _page(form), 422
    if not seen:
        flash(elsewhere(person), "warn")
        return redirect(url_for(".index"))
    flash(_("The person is registered."), "good")
    return redirect(url_for(".show", public_id=person.public_id))


def _register(intake: Intake) -> tuple[Person, bool]:
    """The new person, and whether the officer sees them: not at a post that doesn't serve where they stay."""
    with transaction() as (session, vault):
        person = joining.admit(session, vault, intake, Source.OFFICER)
        record(session, actor_of(current_officer()), "person.add", person.public_id)
        return person, is_seen_by(session, current_officer(), person)


def _page(form: Form) -> str:
    return render_template("console/people/new.html", form=form, options=options)
