"""Stopping messages to one contact point, by the link in an email.

GET changes nothing, for mail scanners follow links. POST needs no cookie and no CSRF token: the signed token in the
address is all the proof there is, and mail programs post without ever having seen the page (RFC 8058).
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from registry.audit import services as audit
from registry.database import scoped
from registry.people import services
from registry.people.links import read_unsubscribe_token
from registry.people.models import ContactPoint, ContactState
from registry.people.vault import Vault
from registry.web.language import prefer_language
from registry.web.platform import platform
from registry.web.quiet import hush

people_stop = Blueprint(
    "people_stop", __name__, template_folder="templates", root_path=str(Path(__file__).parent)
)


@people_stop.route("/stop/<token>", methods=["GET", "POST"])
def stop(token: str) -> ResponseReturnValue:
    """Show whether messages go to a contact point; stop them, or start them again."""
    ids = read_unsubscribe_token(platform().signing_key, token)
    if ids is None:
        return render_template("people/stop_gone.html"), 404
    with scoped(ids[0]) as session:
        contact = session.get(ContactPoint, ids[1])
        if contact is None:
            return render_template("people/stop_gone.html"), 404
        vault = Vault.open(session, platform().keyring, ids[0])
        prefer_language(contact.person.language)
        if contact.person.quiet:
            hush()
        if request.method == "POST":
            action = _change(contact, start=request.form.get("action") == "start")
            audit.record(session, audit.person(ids[0]), action, contact.person.public_id)
        shown = {
            "address": vault.masked(contact),
            "stopped": contact.state is ContactState.OPTED_OUT,
            "sender": None if contact.person.quiet else vault.organisation.sender_name,
        }
    return render_template("people/stop.html", token=token, done=request.method == "POST", **shown)


def _change(contact: ContactPoint, *, start: bool) -> str:
    if start:
        services.opt_in(contact)
        return "contact.started"
    services.opt_out(contact)
    return "contact.stopped"
