"""Changing a person: details, contact points, stays. Each is a form of its own on one page."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.audit.reading import Purpose, reading
from registry.people import services
from registry.people.changes import change
from registry.people.console.blueprint import WRITERS, Opened, elsewhere, opened, people_console
from registry.people.console.reading import read_details, read_new_contact, read_new_stay
from registry.people.intake import MAX_CONTACTS, MAX_STAYS
from registry.people.pages import options
from registry.people.services import KnownContact
from registry.places import language_name
from registry.web.console import current_officer, requires
from registry.web.forms import Form
from registry.web.language import gettext as _


@people_console.get("/<public_id>/edit")
@requires(*WRITERS)
def edit(public_id: str) -> ResponseReturnValue:
    """The forms with what is held."""
    with opened(public_id) as found:
        return _page(found)


@people_console.post("/<public_id>/edit")
@requires(*WRITERS)
def save(public_id: str) -> ResponseReturnValue:
    """Save the details."""
    with opened(public_id) as found:
        form = Form(request.form)
        changes = read_details(form)
        if changes is None:
            return _page(found, details=form), 422
        change(found.session, found.vault, found.person, changes)
        return _done(found, "person.change", fields=sorted(changes))


@people_console.post("/<public_id>/contacts/add")
@requires(*WRITERS)
def add_contact(public_id: str) -> ResponseReturnValue:
    """Add a contact point."""
    with opened(public_id) as found:
        form = Form(request.form)
        contact = read_new_contact(form)
        field = "phone" if contact and contact.channel == "sms" else "email"
        if contact and len(found.person.contacts) >= MAX_CONTACTS:
            form.fail(field, _("There are ten contacts already. Remove one first."))
        if contact is None or form.errors:
            return _page(found, contact=form), 422
        try:
            services.add_contact(found.session, found.vault, found.person, contact)
        except KnownContact:
            form.fail(field, _("Somebody is registered with this already."))
            return _page(found, contact=form), 422
        return _done(found, "person.change", fields=["contacts"])


@people_console.post("/<public_id>/contacts/remove")
@requires(*WRITERS)
def remove_contact(public_id: str) -> ResponseReturnValue:
    """Remove a contact point, unless it is the last."""
    with opened(public_id) as found:
        contacts, position = found.person.contacts, request.form.get("position", type=int) or 0
        here = 0 <= position < len(contacts)
        if not here or found.vault.masked(contacts[position]) != request.form.get("masked"):
            return _page(found, problem=_("The contacts have changed meanwhile. Look again.")), 409
        if len(contacts) == 1:
            return _page(found, problem=_("This is the only contact. Add another one first.")), 409
        found.session.delete(contacts[position])
        found.session.flush()
        return _done(found, "person.change", fields=["contacts"])


@people_console.post("/<public_id>/stays/add")
@requires(*WRITERS)
def add_stay(public_id: str) -> ResponseReturnValue:
    """Add a stay, or let it take the place of all others."""
    with opened(public_id) as found:
        form = Form(request.form)
        stay = read_new_stay(form)
        also = form.value("how") == "also"
        if stay and also and len(found.person.stays) >= MAX_STAYS:
            form.fail("country", _("There are too many places. Choose that the person has moved."))
        if stay is None or form.errors:
            return _page(found, stay=form), 422
        if also:
            services.add_stay(found.session, found.vault, found.person, stay)
        else:
            services.move(found.session, found.vault, found.person, (stay,))
        return _done(found, "person.change", fields=["stays"])


def _done(found: Opened, action: str, *, fields: list[str]) -> ResponseReturnValue:
    found.note(action, fields=fields)
    if not services.is_seen_by(found.session, current_officer(), found.person):
        flash(elsewhere(found.person), "warn")
        return redirect(url_for(".index"))
    flash(_("Saved."), "good")
    return redirect(url_for(".show", public_id=found.person.public_id))


def _held(found: Opened) -> Form:
    person = found.person
    return Form(
        {
            "language": person.language,
            "name": found.vault.name(person) or "",
            "nationality": person.nationality or "",
            "kind": person.kind or "",
            "household_size": str(person.household_size or ""),
            "quiet": "yes" if person.quiet else "",
        }
    )


def _page(
    found: Opened,
    *,
    details: Form | None = None,
    contact: Form | None = None,
    stay: Form | None = None,
    problem: str | None = None,
) -> str:
    """Shows what is held, also beside a mistake: each time a reading."""
    found.note("person.read", **reading(Purpose.CORRECTION))
    person = found.person
    languages = options.languages()
    if person.language not in dict(languages):
        languages = [(person.language, language_name(person.language)), *languages]
    return render_template(
        "console/people/edit.html",
        person=person,
        details=details or _held(found),
        contact=contact or Form(),
        stay=stay or Form({"how": "moved"}),
        contacts=[found.vault.masked(contact) for contact in person.contacts],
        languages=languages,
        options=options,
        problem=problem,
    )
