"""Agreements with other organisations, and the people whom they let us see."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.api.pages import seal_cursor
from registry.errors import Invalid
from registry.organisations.models import Role
from registry.people.vault import Vault
from registry.sharing import services
from registry.web.console import NavItem, console_blueprint, current_officer, requires
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
    nav=(NavItem("Sharing", "sharing.index", (Role.ADMINISTRATOR,), weight=72),),
    url_prefix="/console/sharing",
    template_folder="templates",
)
shared_console = console_blueprint(
    "shared",
    __name__,
    nav=(NavItem("Shared with us", "shared.index", READERS, weight=45),),
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
        return render_template(
            "console/sharing/index.html",
            agreements=[(one, services.state(session, one)) for one in found[:PAGE]],
            ours=vault.organisation.id,
            next_after=seal_cursor(vault, LIST, found[PAGE - 1].id) if len(found) > PAGE else None,
            first=not after,
        )


@sharing_console.route("/new", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
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
    """Who they are, how to reach them and where they stay; nothing can be changed."""
    with transaction() as (session, ours):
        name = f"console shared:{public_id}"
        after = place_in(ours, name) or 0
        agreement, countries, found = services.see(session, current_officer(), public_id, after, PAGE)
        vault = Vault.open(session, platform().keyring, agreement.organisation_id)
        rows = [
            (
                person,
                [vault.address(one) for one in person.contacts] if vault.opens(person) else [],
                [one for one in person.stays if one.country in countries],
            )
            for person in found[:PAGE]
        ]
        return render_template(
            "console/sharing/people.html",
            agreement=agreement,
            people=rows,
            next_after=seal_cursor(ours, name, found[PAGE - 1].id) if len(found) > PAGE else None,
            first=not after,
        )
