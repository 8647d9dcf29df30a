"""The sandbox's pages: what people's phones and inboxes would show, and a way to answer as they would.

Messages stand there in clear, with codes and personal links: they are for officers who may read people, at a post for
those of its people only.
"""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from alerts.conversation.hearing import hear
from alerts.responses.storing import TEXT_LIMIT, Inbound
from alerts.sandbox.services import Kept, Letter, conversation, conversations, find, keep
from alerts.text import measure
from registry.addresses import normalise_email, normalise_phone
from registry.audit.reading import Purpose, reading
from registry.audit.services import record
from registry.errors import NotFound
from registry.organisations.services import actor_of, find_officer
from registry.people.console.blueprint import READERS
from registry.people.services import find_contact, is_seen_by
from registry.people.vault import Vault
from registry.web.console import NavItem, console_blueprint, current_officer, requires
from registry.web.console.access import polls
from registry.web.console.vaults import transaction
from registry.web.forms import Form
from registry.web.language import gettext as _
from registry.web.platform import platform

PAGE = 25

blueprint = console_blueprint(
    "sandbox",
    __name__,
    nav=(NavItem("Sandbox", "sandbox.index", READERS, weight=90),),
    url_prefix="/console/sandbox",
    template_folder="templates",
)
assets = Blueprint(
    "sandbox_assets", __name__, static_folder="static", static_url_path="/console/sandbox/static"
)
"""The style, which is nobody's secret."""


@blueprint.app_template_filter("segments")
def segments(text: str) -> int:
    """How many SMS segments a text takes."""
    return measure(text).segments


@blueprint.get("/")
@requires(*READERS)
def index() -> ResponseReturnValue:
    """The conversations, newest first."""
    with transaction() as (session, vault):
        page = render_template("sandbox/index.html", **_list(session, vault), name=None)
        if not polls():
            record(session, actor_of(current_officer()), "sandbox.list", None, reading(Purpose.LOOK_UP))
    return page


@blueprint.get("/<name>")
@requires(*READERS)
def thread(name: str) -> ResponseReturnValue:
    """One conversation, beside the others."""
    return _thread(name, Form(), 200)


@blueprint.post("/find")
@requires(*READERS)
def search() -> ResponseReturnValue:
    """Go to the conversation with an address; by POST, so that it stands in no address bar."""
    given = request.form.get("address", "")[:254]
    address = normalise_email(given) if "@" in given else normalise_phone(given)
    officer = current_officer()
    if address is not None:
        with transaction() as (session, vault):
            name = find(session, platform().keyring, officer.organisation_id, address)
            kept = conversation(session, platform().keyring, officer.organisation_id, name, limit=1)
            if kept and _is_seen(session, vault, address):
                return redirect(url_for(".thread", name=name.hex()), 303)
    flash(_("Nothing was sent to this phone number or email address."), "warn")
    return redirect(url_for(".index"), 303)


@blueprint.post("/<name>")
@requires(*READERS)
def answer(name: str) -> ResponseReturnValue:
    """Answer as the person, by the same way that a reply from a real phone takes."""
    text, form = _written()
    if form.errors:
        return _thread(name, form, 422)
    with transaction() as (session, vault):
        latest = _letters(session, vault, name)[-1]
        if latest.channel != "sms":
            raise NotFound
        return _heard(session, latest.letter.address, text)


@blueprint.post("/new")
@requires(*READERS)
def write() -> ResponseReturnValue:
    """Text in from any phone, as somebody who joins by SMS does."""
    text, form = _written()
    address = normalise_phone(form.value("phone"))
    if address is None or form.errors:
        flash(
            form.errors.get("text") or _("This is not a phone number: begin with + and the country's code."),
            "bad",
        )
        return redirect(url_for(".index"), 303)
    with transaction() as (session, vault):
        holder = find_contact(session, vault, address)
        if holder and not is_seen_by(session, current_officer(), holder.person):
            raise NotFound
        return _heard(session, address, text)


def _written() -> tuple[str, Form]:
    """What was written as somebody else, and the form with what is wrong in it."""
    form = Form(request.form)
    text = form.value("quick") or form.value("text").strip()
    if not text:
        form.fail("text", _("Write an answer, or choose one of the buttons."))
    elif len(text) > TEXT_LIMIT:
        form.fail("text", _("An SMS has at most %(limit)s characters. Shorten it.", limit=TEXT_LIMIT))
    return text, form


def _heard(session: Session, address: str, text: str) -> ResponseReturnValue:
    """Take a message in as from a real phone, keep it with what is answered, and show the conversation."""
    organisation_id, keyring = current_officer().organisation_id, platform().keyring
    try:
        message = uuid.UUID(request.form.get("message", ""))
    except ValueError:
        message = uuid.uuid4()
    heard = hear(session, keyring, Inbound(address, text, f"sandbox:{message}"))
    if heard.erased:  # nothing is kept of whoever was erased, and here as little
        flash(" ".join(heard.answers), "good")
        return redirect(url_for(".index"), 303)
    if not heard.repeated:
        letters = [Letter(address, text, inbound=True)]
        letters += [Letter(address, answer, heard.language) for answer in heard.answers]
        keep(session, keyring, organisation_id, "sms", letters)
    name = find(session, keyring, organisation_id, address).hex()
    return redirect(url_for(".thread", name=name, _anchor="answer"), 303)


def _thread(name: str, form: Form, status: int) -> ResponseReturnValue:
    officer = current_officer()
    with transaction() as (session, vault):
        letters = _letters(session, vault, name)
        page = render_template(
            "sandbox/thread.html",
            **_list(session, vault),
            letters=letters,
            last=letters[-1],
            holder=find_contact(session, vault, letters[-1].letter.address),
            colleague=find_officer(session, letters[-1].letter.address),
            name=name,
            form=form,
            message=uuid.uuid4(),
        )
        if not polls():
            record(session, actor_of(officer), "sandbox.read", name, reading(Purpose.LOOK_UP))
    return page, status


def _list(session: Session, vault: Vault) -> dict[str, object]:
    organisation_id = current_officer().organisation_id
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < 2**63:
        raise NotFound
    found = conversations(session, platform().keyring, organisation_id, before, PAGE + 1)
    more = found[PAGE - 1].number if len(found) > PAGE else None
    shown = [one for one in found[:PAGE] if _is_seen(session, vault, one.letter.address)]
    return {"conversations": shown, "before": before, "more": more}


def _letters(session: Session, vault: Vault, name: str) -> list[Kept]:
    try:
        index = bytes.fromhex(name)
    except ValueError:
        raise NotFound from None
    letters = conversation(session, platform().keyring, current_officer().organisation_id, index)
    if not letters or not _is_seen(session, vault, letters[-1].letter.address):
        raise NotFound
    return letters


def _is_seen(session: Session, vault: Vault, address: str) -> bool:
    """Whether whoever holds this address is within the officer's reach."""
    if current_officer().post_id is None:
        return True
    holder = find_contact(session, vault, address)
    return holder is not None and is_seen_by(session, current_officer(), holder.person)
