"""The public pages on which somebody asks for a relative, and the person's own page about who asks for them.

Three pages: who asks, the code that proves it, whom they ask for. Each answers alike whoever is registered.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from alerts.conversation.texts import spoken
from alerts.family.deciding import askings_of, decide
from alerts.family.inquiring import LONGEST_NAME, Asker, ask, asker_of, begin, find, is_name, prove
from alerts.family.models import AskingState, Inquiry
from alerts.family.passing import known_asker
from registry.addresses import mask
from registry.database import read_id, unscoped
from registry.people.confirmation import Answer
from registry.people.models import Person
from registry.people.pages import options
from registry.people.pages.answers import explain
from registry.people.pages.contact_form import blank_contact, read_contact_form
from registry.people.pages.guards import limit_changes_by, limit_guesses, limit_messages_to
from registry.people.pages.opened import opened, saved
from registry.people.vault import Vault
from registry.web.forms import Form
from registry.web.language import current_language, gettext
from registry.web.limits import allow, refuse_beyond
from registry.web.platform import platform

SLOT = "inquiry"
ASKED_A_DAY = 5
"""Questions by one asker."""
ASKED_OF_A_DAY = 10
"""Questions about one address, whoever has it; what comes beyond is dropped without a word."""
DAY = timedelta(days=1)

blueprint = Blueprint("relatives", __name__, template_folder="templates")


@blueprint.record_once
def offer(state: Any) -> None:
    """Show on a person's own page who asks for them."""
    app: Flask = state.app
    app.extensions.setdefault("me_panels", []).append(panel)


@blueprint.route("/relative", methods=["GET", "POST"])
def start() -> ResponseReturnValue:
    """Who asks? A code goes to their own number or address."""
    if request.method != "POST":
        return _start(Form(blank_contact()))
    form = Form(request.form)
    name = " ".join(form.value("name").split())
    if not is_name(name):
        form.fail("name", gettext("Write your name in letters only, 24 at most."))
    contact = read_contact_form(form)
    if contact is None or form.errors:
        return _start(form), 422
    send = limit_messages_to(contact.address)
    asker = Asker(address=contact.address, name=name, language=spoken(current_language()))
    with unscoped() as session:
        cookie[SLOT] = str(begin(session, platform().keyring, asker, send=send).public_id)
    return redirect(url_for(".code"), 303)


@blueprint.route("/relative/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """The code that proves the asker's address."""
    form = Form(request.form)
    if request.method == "POST":
        limit_guesses()
    with unscoped() as session:
        inquiry = _mine(session)
        if inquiry is None:
            return redirect(url_for(".start"), 303)
        if inquiry.proved_at is not None:
            return redirect(url_for(".whom"), 303)
        if request.method == "POST":
            answer = prove(session, platform().keyring, inquiry, form.value("code"))
            if answer is Answer.CONFIRMED:
                return redirect(url_for(".whom"), 303)
            form.fail("code", explain(answer))
        address = mask(asker_of(platform().keyring, inquiry)["address"])
    return render_template("family/code.html", form=form, address=address), 422 if form.errors else 200


@blueprint.route("/relative/whom", methods=["GET", "POST"])
def whom() -> ResponseReturnValue:
    """Whom do they ask for? The question is only kept here; the dispatcher passes it on."""
    form = Form(request.form if request.method == "POST" else blank_contact())
    with unscoped() as session:
        inquiry = _mine(session)
        if inquiry is None or inquiry.proved_at is None:
            return redirect(url_for(".start"), 303)
        contact = read_contact_form(form) if request.method == "POST" else None
        if contact is None:
            page = render_template("family/whom.html", form=form, options=options)
            return page, 422 if form.errors else 200
        asker = asker_of(platform().keyring, inquiry)
        refuse_beyond(platform().signing_key, "relative-by", asker["address"], ASKED_A_DAY, DAY)
        if allow(session, platform().signing_key, "relative-of", contact.address, ASKED_OF_A_DAY, DAY):
            ask(session, platform().keyring, inquiry, contact.address)
    cookie.pop(SLOT, None)
    return redirect(url_for(".asked"), 303)


@blueprint.get("/relative/asked")
def asked() -> str:
    """What happens now, whoever it is."""
    return render_template("family/asked.html")


def _mine(session: Session) -> Inquiry | None:
    """The browser's own inquiry, while it waits."""
    name = cookie.get(SLOT)
    return find(session, uuid.UUID(name)) if name else None


def _start(form: Form) -> str:
    return render_template("family/start.html", form=form, options=options, longest=LONGEST_NAME)


def panel(session: Session, person: Person, _language: str) -> Markup:
    """Who asks for the person, with the two answers; nothing where nobody does."""
    found = askings_of(session, person)
    if not found:
        return Markup()
    vault = Vault.open(session, platform().keyring, person.organisation_id)
    rows = [(one, known_asker(vault, one)) for one in found]
    token = (request.view_args or {})["token"]
    page = render_template("family/askers.html", rows=rows, token=token, told=AskingState.TOLD)
    return Markup(page)  # noqa: S704 - a template's own


@blueprint.post("/me/<token>/relative")
def answer(token: str) -> ResponseReturnValue:
    """Let one asker hear that one is safe, or not."""
    limit_changes_by(token)
    with opened(token) as found:
        name, allowed = read_id(request.form.get("asker", "")), request.form.get("answer") == "yes"
        decide(found.session, found.vault, found.person, name, allowed=allowed)
        found.note("relative.answered")
    return saved(token)
