"""Officers: the list, one of them, and what is asked for them."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.api.pages import page_of
from registry.checking import Checker
from registry.database import scoped
from registry.errors import Conflict, Invalid
from registry.factors.console.answers import own_keys
from registry.factors.console.asking import with_fresh_factor
from registry.factors.services import held
from registry.organisations import sign_in
from registry.organisations.keys import allowed, parse_scopes
from registry.organisations.models import Officer, Post, Scope
from registry.staff import grants, officers, telling
from registry.staff.console.blueprint import (
    ADMINISTRATOR,
    chosen_post,
    chosen_roles,
    post_choices,
    staff_console,
)
from registry.web.console import current_officer, requires
from registry.web.console.paging import place_in
from registry.web.console.roles import role_choices
from registry.web.console.vaults import transaction
from registry.web.forms import Form
from registry.web.language import gettext as _
from registry.web.platform import platform

PAGE = 50
LIST = "console officers"


@staff_console.get("/officers")
@requires(ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """What waits for a second administrator, and all officers."""
    me = current_officer()
    with transaction() as (session, vault):
        after = place_in(vault, LIST) or 0
        found = officers.list_officers(session, me.organisation_id, after, PAGE + 1)
        shown, following = page_of(vault, LIST, found, PAGE)
        return render_template(
            "console/staff/index.html",
            officers=[(each, _post_name(session, each.post_id)) for each in shown],
            grants=[
                (grant, _post_name(session, grant.wanted.get("post")))
                for grant in grants.open_grants(session, me.organisation_id)
            ],
            alone=len(officers.administrators(session, me.organisation_id)) < 2,
            next_after=following,
            first=not after,
        )


@staff_console.get("/officers/new")
@requires(ADMINISTRATOR)
@with_fresh_factor
def new() -> ResponseReturnValue:
    """An empty form."""
    return _new(Form())


@staff_console.post("/officers/new")
@requires(ADMINISTRATOR)
@with_fresh_factor
def ask_for_officer() -> ResponseReturnValue:
    """Ask for a new officer."""
    form, me = Form(request.form), current_officer()
    try:
        with scoped(me.organisation_id) as session:
            check = Checker()
            name = check.text({"name": form.value("name")}, "name", "name", 120)
            check.done()
            roles, post = chosen_roles(form), chosen_post(session, form)
            grants.ask_for_officer(session, me, form.value("email"), name, roles, post)
    except Invalid as invalid:
        form.take(invalid)
        return _new(form), 422
    flash(_("It is asked for. Another administrator must confirm it."), "good")
    return redirect(url_for(".index"))


@staff_console.get("/officers/<uuid:public_id>")
@requires(ADMINISTRATOR)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    """One officer."""
    with scoped(current_officer().organisation_id) as session:
        officer = officers.get_officer(session, current_officer().organisation_id, public_id)
        return _page(session, officer, None)


@staff_console.post("/officers/<uuid:public_id>/roles")
@requires(ADMINISTRATOR)
def change_roles(public_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for other roles or another post; fewer roles are taken at once, unless that takes two."""

    def act(session: Session, officer: Officer, form: Form) -> str:
        roles, post = chosen_roles(form), chosen_post(session, form)
        if grants.ask_for_roles(session, current_officer(), officer, roles, post):
            return _asked()
        return _(
            "The roles are taken, with what keys did by them alone, and the officer is signed out everywhere."
        )

    return _act(public_id, act)


@staff_console.post("/officers/<uuid:public_id>/key")
@requires(ADMINISTRATOR)
def ask_for_key(public_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for a key that acts for the officer."""

    def act(session: Session, officer: Officer, form: Form) -> str:
        grants.ask_for_key(session, current_officer(), officer, parse_scopes(form.values.getlist("scopes")))
        return _asked()

    return _act(public_id, act)


@staff_console.post("/officers/<uuid:public_id>/reset")
@requires(ADMINISTRATOR)
def ask_for_reset(public_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for a new one-time password, without second factors."""

    def act(session: Session, officer: Officer, form: Form) -> str:
        grants.ask_for_reset(session, current_officer(), officer)
        telling.tell_of_request(session, own_keys(session), current_officer(), officer, platform().base_url)
        return _asked()

    return _act(public_id, act)


@staff_console.post("/officers/<uuid:public_id>/deactivate")
@requires(ADMINISTRATOR)
def deactivate(public_id: uuid.UUID) -> ResponseReturnValue:
    """Shut the officer out now, or ask for it where it takes two; the administrators are told."""

    def act(session: Session, officer: Officer, form: Form) -> str:
        asked = grants.ask_to_shut_out(session, current_officer(), officer)
        telling.tell_of_shutting_out(
            session, own_keys(session), current_officer(), officer, platform().base_url, asked=bool(asked)
        )
        if asked:
            return _asked()
        return _("%(name)s is shut out, and so are the keys that act for them.", name=officer.name)

    return _act(public_id, act)


def _asked() -> str:
    return _("It is asked for. Another administrator must confirm it.")


@with_fresh_factor
def _act(public_id: uuid.UUID, act: Callable[[Session, Officer, Form], str]) -> ResponseReturnValue:
    form, organisation_id = Form(request.form), current_officer().organisation_id
    try:
        with scoped(organisation_id) as session:
            done = act(session, officers.get_officer(session, organisation_id, public_id), form)
    except Conflict as conflict:
        flash(str(conflict), "warn")
    except Invalid as invalid:
        form.take(invalid)
        with scoped(organisation_id) as session:
            return _page(session, officers.get_officer(session, organisation_id, public_id), form), 422
    else:
        flash(done, "good")
    return redirect(url_for(".show", public_id=public_id))


def _page(session: Session, officer: Officer, form: Form | None) -> str:
    post = session.get(Post, officer.post_id) if officer.post_id else None
    has = Form()
    has.values.setlist("roles", list(officer.roles))
    has.values["post"] = str(post.public_id) if post else ""
    return render_template(
        "console/staff/officer.html",
        shown=officer,
        post=post,
        form=form or has,
        held=held(session, officer),
        sign_ins=sign_in.sessions_of(session, officer),
        roles=role_choices(),
        posts=post_choices(session),
        scopes=[(scope.value, scope.value) for scope in Scope if scope in allowed(officer.roles)],
    )


def _new(form: Form) -> str:
    with scoped(current_officer().organisation_id) as session:
        return render_template(
            "console/staff/new.html",
            form=form,
            roles=role_choices(),
            posts=post_choices(session),
            mails=not platform().sandbox_email,
        )


def _post_name(session: Session, number: int | None) -> str | None:
    post = session.get(Post, number) if number else None
    return post.name if post else None
