"""Asking for a new personal link by giving a contact point."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.database import unscoped
from registry.people.lost_links import send_links
from registry.people.pages import options
from registry.people.pages.blueprint import people_pages
from registry.people.pages.contact_form import blank_contact, read_contact_form
from registry.people.pages.guards import limit_messages_to
from registry.web.forms import Form
from registry.web.platform import platform
from registry.web.quiet import handed_on
from registry.web.steady import steady


@people_pages.route("/link", methods=["GET", "POST"])
def lost() -> ResponseReturnValue:
    """The same answer whether the contact point is known or not."""
    if request.method != "POST":
        return _page(Form(blank_contact()))
    form = Form(request.form)
    contact = read_contact_form(form)
    if contact is None:
        return _page(form), 422
    limit_messages_to(contact.address)
    with steady(), unscoped() as session:
        send_links(session, platform().keyring, contact, platform().base_url)
    return redirect(url_for(".link_sent", **handed_on()), 303)


@people_pages.get("/link/sent")
def link_sent() -> str:
    """What happens now."""
    return render_template("people/link_sent.html")


def _page(form: Form) -> str:
    return render_template("people/lost.html", form=form, options=options)
