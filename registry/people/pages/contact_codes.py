"""The code that confirms a further contact point."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.database import unscoped
from registry.people.confirmation import MOST_ATTEMPTS, VALID_FOR, Answer, check_code
from registry.people.models import ContactPoint
from registry.people.pages import pending
from registry.people.pages.answers import explain
from registry.people.pages.blueprint import people_pages
from registry.people.pages.contacts import SLOT
from registry.people.pages.guards import limit_changes_by, limit_guesses
from registry.people.pages.opened import Opened, opened, saved
from registry.people.pages.pending import Pending
from registry.web.forms import Form
from registry.web.limits import allow
from registry.web.platform import platform


@people_pages.route("/me/<token>/contacts/confirm", methods=["GET", "POST"])
def confirm_contact(token: str) -> ResponseReturnValue:
    """Type the code."""
    form = Form(request.form)
    if request.method == "POST":
        limit_guesses()
        limit_changes_by(token)
    with opened(token) as found:
        waiting = pending.recall(SLOT, found.vault)
        if waiting is None:
            return redirect(url_for(".add_contact", token=token), 303)
        if request.method == "POST":
            answer = _answer(found, waiting, form.value("code"))
            if answer is Answer.CONFIRMED:
                pending.forget(SLOT)
                found.note("contact.confirmed")
                return saved(token)
            form.fail("code", explain(answer))
        page = render_template("people/confirm_contact.html", token=token, form=form, address=waiting.address)
    return page, 422 if form.errors else 200


def _answer(found: Opened, waiting: Pending, text: str) -> Answer:
    contact = found.session.get(ContactPoint, waiting.contact_id) if waiting.contact_id else None
    if contact is not None and contact.person_id == found.person.id:
        return check_code(found.session, platform().signing_key, contact, text)
    return _decoy(waiting)


def _decoy(waiting: Pending) -> Answer:
    """As though a code had been sent: an address of somebody else's gets the same answers as one's own."""
    if waiting.is_older_than(VALID_FOR):
        return Answer.EXPIRED
    with unscoped() as session:
        more = allow(session, platform().signing_key, "decoy", waiting.name, MOST_ATTEMPTS - 1, VALID_FOR)
    return Answer.WRONG if more else Answer.EXHAUSTED
