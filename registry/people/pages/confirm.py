"""The code that ends joining, and the personal link that it brings."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.addresses import mask
from registry.audit import services as audit
from registry.database import scoped
from registry.notices import services as notices
from registry.people import presence
from registry.people.confirmation import Answer, check_code, send_code
from registry.people.letters import link_letter
from registry.people.links import new_link
from registry.people.lost_links import WORTH_SENDING, personal_url
from registry.people.models import ContactPoint
from registry.people.pages import pending
from registry.people.pages.answers import explain
from registry.people.pages.blueprint import people_pages
from registry.people.pages.guards import limit_guesses, limit_messages_to
from registry.people.vault import Vault
from registry.web.forms import Form
from registry.web.platform import platform
from registry.web.quiet import handed_on

SLOT = "joining"


def _waiting(session: Session, vault: Vault) -> tuple[ContactPoint, str] | None:
    """The contact point and its address as it was given."""
    found = pending.recall(SLOT, vault)
    contact = session.get(ContactPoint, found.contact_id) if found else None
    return (contact, found.address or "") if found and contact else None


@people_pages.route("/register/confirm", methods=["GET", "POST"])
def confirm() -> ResponseReturnValue:
    """Type the code."""
    number = pending.organisation_of(SLOT)
    if number is None:
        return render_template("people/no_code.html"), 404
    form = Form(request.form)
    if request.method == "POST":
        limit_guesses()
    with scoped(number) as session:
        vault = Vault.open(session, platform().keyring, number)
        waiting = _waiting(session, vault)
        if waiting is None:
            return render_template("people/no_code.html"), 404
        contact, address = waiting
        if request.method == "POST":
            answer = check_code(session, platform().signing_key, contact, form.value("code"))
            if answer is Answer.CONFIRMED:
                return redirect(_welcome(session, vault, contact), 303)
            form.fail("code", explain(answer))
    return _page(form, mask(address)), 422 if form.errors else 200


def _page(form: Form, address: str) -> str:
    sent_again = request.args.get("sent") == "again" and not form.errors
    return render_template("people/confirm.html", form=form, address=address, sent_again=sent_again)


def _welcome(session: Session, vault: Vault, contact: ContactPoint) -> str:
    """Send the personal link and return where it points."""
    person = contact.person
    token = new_link(session, person)
    letter = link_letter(vault, person, personal_url(platform().base_url, token))
    notices.queue(session, vault, contact, letter.subject, letter.text, valid_for=WORTH_SENDING)
    presence.seen(session, person.id)
    audit.record(session, audit.person(person.organisation_id), "person.confirmed", person.public_id)
    pending.forget(SLOT)
    return url_for(".own", token=token, new=1)


@people_pages.post("/register/again")
def send_again() -> ResponseReturnValue:
    """Ask for another code."""
    number = pending.organisation_of(SLOT)
    if number is None:
        return redirect(url_for(".confirm"), 303)
    with scoped(number) as session:
        vault = Vault.open(session, platform().keyring, number)
        waiting = _waiting(session, vault)
    if waiting is None:
        return redirect(url_for(".confirm"), 303)
    strangers = limit_messages_to(waiting[1])
    with scoped(number) as session:
        contact = session.get_one(ContactPoint, waiting[0].id)
        send_code(session, vault, platform().signing_key, contact, strangers=strangers)
        person = contact.person
        audit.record(session, audit.person(number), "person.code_asked", person.public_id)
    return redirect(url_for(".confirm", sent="again", **handed_on()), 303)
