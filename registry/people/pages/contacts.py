"""Adding, removing, stopping and starting contact points."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.errors import Conflict
from registry.people import services
from registry.people.confirmation import send_code
from registry.people.intake import MAX_CONTACTS, NewContact
from registry.people.joining import release_unconfirmed
from registry.people.lost_links import send_link
from registry.people.models import ContactPoint, ContactState
from registry.people.pages import options, pending
from registry.people.pages.blueprint import people_pages
from registry.people.pages.contact_form import blank_contact, given_contact, names_for, read_contact_form
from registry.people.pages.guards import limit_changes_by, limit_messages_to
from registry.people.pages.opened import Opened, opened, saved
from registry.web.forms import Form
from registry.web.language import gettext
from registry.web.platform import platform
from registry.web.steady import steady

SLOT = "adding"


@people_pages.route("/me/<token>/contacts", methods=["GET", "POST"])
def add_contact(token: str) -> ResponseReturnValue:
    """One more phone number or email address. It counts once its code came back."""
    if request.method != "POST":
        with opened(token) as found:
            country = found.person.stays[-1].country if found.person.stays else None
            return _page(token, Form(blank_contact(country)))
    limit_changes_by(token)
    form = Form(request.form)
    contact = read_contact_form(form)
    with steady():
        if contact is None or not _add(token, form, contact):
            with opened(token):
                return _page(token, form), 422
    return redirect(url_for(".confirm_contact", token=token), 303)


def _page(token: str, form: Form) -> str:
    return render_template("people/add_contact.html", token=token, form=form, options=options)


def _add(token: str, form: Form, given: NewContact) -> bool:
    field = names_for(given_contact(form))["contact.address"]
    with opened(token) as found:
        held = services.find_contact(found.session, found.vault, given.address)
        if held in found.person.contacts and held.state is not ContactState.UNCONFIRMED:
            form.fail(field, gettext("This is there already."))
        elif len(found.person.contacts) >= MAX_CONTACTS:
            form.fail(field, gettext("You have too many addresses. Remove one first."))
        if form.errors:
            return False
    strangers = limit_messages_to(given.address)
    with opened(token) as found:
        contact = _own_or_new(found, given, strangers=strangers)
        pending.remember(SLOT, found.vault, contact.id if contact else 0, given.address)
        found.note("contact.added")
    return True


def _own_or_new(found: Opened, given: NewContact, *, strangers: bool) -> ContactPoint | None:
    """The person's contact point, with a code on its way. None when the address is another person's: that person is
    sent a link to their own page instead, and whoever asks here learns nothing."""
    session, vault, person = found.session, found.vault, found.person
    contact = services.find_contact(session, vault, given.address)
    if contact is not None and contact.person_id != person.id:
        release_unconfirmed(session, vault, given)
        contact = services.find_contact(session, vault, given.address)
        if contact is not None:
            send_link(session, vault, contact, platform().base_url)
            return None
    contact = contact or services.add_contact(session, vault, person, given, confirmed=False)
    send_code(session, vault, platform().signing_key, contact, strangers=strangers)
    return contact


@people_pages.post("/me/<token>/contacts/<name>")
def change_contact(token: str, name: str) -> ResponseReturnValue:
    """Remove, stop, start or confirm one, by the `action` of the form."""
    limit_changes_by(token)
    with opened(token) as found:
        contact = found.contact(name)
        if contact is None:
            return redirect(url_for(".own", token=token), 303)
        action = request.form.get("action")
        if action == "remove":
            _remove(found, contact)
        elif action == "stop":
            services.opt_out(contact)
            found.note("contact.stopped")
        elif action == "start":
            services.opt_in(contact)
            found.note("contact.started")
        elif action == "confirm" and contact.state is ContactState.UNCONFIRMED:
            strangers = limit_messages_to(found.vault.address(contact))
            send_code(found.session, found.vault, platform().signing_key, contact, strangers=strangers)
            pending.remember(SLOT, found.vault, contact.id, found.vault.address(contact))
            found.note("contact.code_asked")
            return redirect(url_for(".confirm_contact", token=token), 303)
    return saved(token)


def _remove(found: Opened, contact: ContactPoint) -> None:
    if not found.can_spare(contact):
        raise Conflict("last_contact", "the last confirmed contact point can't be removed")
    found.session.delete(contact)
    found.session.flush()
    found.note("contact.removed")
