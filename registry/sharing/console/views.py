"""Agreements with other organisations, and the people whom they let us see."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.api.pages import page_of
from registry.errors import Invalid
from registry.factors.console.asking import with_fresh_factor
from registry.organisations.models import Role
from registry.people.models import Person, Stay
from registry.people.vault import Vault
from registry.sharing import seeing, services
from registry.web.console import ORGANISATION, NavItem, console_blueprint, current_officer, requires, reveals
from registry.web.console.paging import place_in
from registry.web.console.vaults import transaction
from registry.web.forms import Form
from registry.web.platform import platform

PAGE = 25
LIST = "console agreements"
READERS = (Role.REGISTRAR, Role.CASE_WORKER)

sharing_console = console_blueprint(
    "sharing",
    __name__,
    nav=(NavItem("Sharing", "sharing.index", (Role.ADMINISTRATOR,), weight=72, group=ORGANISATION),),
    url_prefix="/console/sharing",
    template_folder="templates",
)
shared_console = console_blueprint(
    "shared",
    __name__,
    nav=(NavItem("Shared with us", "shared.index", READERS, weight=45, group="People"),),
    url_prefix="/console/shared",
    template_folder="templates",
)


@sharing_console.get("/")
@requires(Role.ADMINISTRATOR)
def index() -> str:
    """All agreements, of both sides."""
    with transaction() as (session, vault):
        after = place_in(vault, LIST) or 0
        found = services.agreements(session, vault.organisation.id, after, PAGE + 1)
        shown, following = page_of(vault, LIST, found, PAGE)
        return render_template(
            "console/sharing/index.html",
            agreements=[(one, services.state(session, one)) for one in shown],
            ours=vault.organisation.id,
            next_after=following,
            first=not after,
        )


@sharing_console.route("/new", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
@with_fresh_factor
def new() -> ResponseReturnValue:
    """Record an agreement."""
    form = Form(request.form)
    with transaction() as (session, vault):
        if request.method == "POST":
            names = ("recipient", "purpose", "starts", "ends")
            words = [word.strip() for word in form.value("countries").split(",") if word.strip()]
            try:
                data = {name: form.value(name) for name in names} | {"countries": words}
                services.propose(session, current_officer(), data)
            except Invalid as invalid:
                form.take(invalid)
            else:
                return redirect(url_for(".index"), 303)
        others = services.recipients(session, vault.organisation.id)
        page = render_template(
            "console/sharing/new.html", form=form, others=[(name, name) for name in others]
        )
    return page, 422 if form.errors else 200


@sharing_console.post("/<uuid:public_id>/countersign")
@requires(Role.ADMINISTRATOR)
@with_fresh_factor
def countersign(public_id: uuid.UUID) -> ResponseReturnValue:
    """Agree to what the other organisation has recorded."""
    with transaction() as (session, _):
        services.countersign(session, current_officer(), services.get(session, public_id))
    return redirect(url_for(".index"), 303)


@sharing_console.post("/<uuid:public_id>/end")
@requires(Role.ADMINISTRATOR)
def end(public_id: uuid.UUID) -> ResponseReturnValue:
    """Nothing is shared under it from now on."""
    with transaction() as (session, _):
        services.end(session, current_officer(), services.get(session, public_id))
    return redirect(url_for(".index"), 303)


@shared_console.get("/", endpoint="index")
@requires(*READERS)
def shared() -> str:
    """The agreements under which we may see people."""
    with transaction() as (session, vault):
        found = services.received(session, vault.organisation.id)
        return render_template("console/sharing/shared.html", agreements=found)


@shared_console.get("/<uuid:public_id>")
@requires(*READERS)
def people(public_id: uuid.UUID) -> str:
    """Who they are and where they stay, with masked contacts; nothing can be changed."""
    with transaction() as (session, ours):
        return _people(session, ours, public_id)


@shared_console.post("/<uuid:public_id>/<uuid:person_id>/reveal")
@requires(*reveals.REVEALERS)
def reveal(public_id: uuid.UUID, person_id: uuid.UUID) -> ResponseReturnValue:
    """The same page with one person's contacts in full, this once. It counts with those of our own people."""
    within = reveals.within_limit()
    with transaction() as (session, ours):
        action = "shared.reveal" if within else "shared.reveal_refused"
        purpose = reveals.purpose_given()
        person = seeing.see_one(session, current_officer(), public_id, person_id, action, purpose)
        if not within:
            reveals.raise_alarm(session, ours.keys)
            return _people(session, ours, public_id, problem=reveals.TOO_MANY), 429
        return _people(session, ours, public_id, revealed=person.id)


def _people(
    session: Session,
    ours: Vault,
    public_id: uuid.UUID,
    revealed: int | None = None,
    problem: str | None = None,
) -> str:
    name = f"console shared:{public_id}"
    after = place_in(ours, name) or 0
    agreement, countries, found = seeing.see(session, current_officer(), public_id, after, PAGE)
    vault = Vault.open(session, platform().keyring, agreement.organisation_id)
    shown, following = page_of(ours, name, found, PAGE)
    return render_template(
        "console/sharing/people.html",
        agreement=agreement,
        people=[_row(vault, person, countries, in_full=person.id == revealed) for person in shown],
        problem=problem,
        reasons=reveals.reasons(),
        here=request.args.get("after"),
        next_after=following,
        first=not after,
    )


def _row(
    vault: Vault, person: Person, countries: list[str], *, in_full: bool
) -> tuple[Person, list[str], list[Stay], bool]:
    """A person, contacts, stays that the agreement concerns, and whether there is something left to open."""
    able = vault.opens(person)
    shown = vault.address if in_full else vault.masked
    addresses = [shown(one) for one in person.contacts] if able else []
    return person, addresses, [one for one in person.stays if one.country in countries], able and not in_full
