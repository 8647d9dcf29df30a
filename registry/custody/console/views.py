"""Where the keys of posts stand; shredding one by two administrators."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.api.pages import page_of
from registry.custody import shredding
from registry.custody.making import newest_capital
from registry.errors import Invalid
from registry.factors.console.asking import with_fresh_factor
from registry.organisations.models import Role
from registry.posts.services import get_post, list_posts
from registry.web.console import ORGANISATION, NavItem, console_blueprint, current_officer, requires
from registry.web.console.paging import place_in
from registry.web.console.vaults import transaction
from registry.web.forms import Form
from registry.web.language import gettext as _
from registry.web.platform import platform

PAGE = 50
LIST = "console keys"

keys_console = console_blueprint(
    "keys",
    __name__,
    nav=(NavItem("Keys", "keys.index", (Role.ADMINISTRATOR,), weight=70, group=ORGANISATION),),
    url_prefix="/console/keys",
    template_folder="templates",
)


@keys_console.get("/")
@requires(Role.ADMINISTRATOR)
def index() -> str:
    """Every post, with how many people its key protects."""
    with transaction() as (session, vault):
        after = place_in(vault, LIST) or 0
        found = list_posts(session, vault.organisation.id, closed=True, after=after, limit=PAGE + 1)
        shown, following = page_of(vault, LIST, found, PAGE)
        pending = shredding.pending(session, vault.organisation.id)
        return render_template(
            "console/keys/index.html",
            posts=[
                (post, shredding.people_of(session, post), vault.keys.has_post(post.id), pending.get(post.id))
                for post in shown
            ],
            capital=newest_capital(session, vault.organisation.id),
            next_after=following,
            first=not after,
        )


@keys_console.route("/posts/<uuid:public_id>/shred", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def ask(public_id: uuid.UUID) -> ResponseReturnValue:
    """Say what it means, and ask another administrator for it."""
    form, officer = Form(request.form), current_officer()
    with transaction() as (session, vault):
        post = get_post(session, vault.organisation.id, public_id)
        if request.method == "POST":
            try:
                shredding.ask(session, officer, post, form.value("reason"))
            except Invalid as invalid:
                form.take(invalid)
            else:
                flash(_("Another administrator must approve it within a day."), "good")
                return redirect(url_for(".index"), 303)
        page = render_template(
            "console/keys/ask.html",
            form=form,
            post=post,
            people=shredding.people_of(session, post),
            capital=newest_capital(session, vault.organisation.id),
        )
    return page, 422 if form.errors else 200


@keys_console.route("/shreds/<uuid:public_id>", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
@with_fresh_factor
def approve(public_id: uuid.UUID) -> ResponseReturnValue:
    """The second administrator types how many people become unreadable, with a second factor given just now."""
    form, officer = Form(request.form), current_officer()
    with transaction() as (session, vault):
        shred = shredding.get(session, vault.organisation.id, public_id)
        if request.method == "POST":
            try:
                shredding.approve(session, platform().keyring, officer, shred, form.value("people"))
            except Invalid as invalid:
                form.take(invalid)
            else:
                flash(_("The key of %(post)s is shredded.", post=shred.post.name), "good")
                return redirect(url_for(".index"), 303)
        page = render_template(
            "console/keys/approve.html",
            form=form,
            shred=shred,
            own=shred.asked_by_id == officer.id,
            people=shredding.people_of(session, shred.post),
            capital=newest_capital(session, vault.organisation.id),
        )
    return page, 422 if form.errors else 200


@keys_console.post("/shreds/<uuid:public_id>/withdraw")
@requires(Role.ADMINISTRATOR)
def withdraw(public_id: uuid.UUID) -> ResponseReturnValue:
    """Nothing is shredded."""
    with transaction() as (session, vault):
        shredding.withdraw(
            session, current_officer(), shredding.get(session, vault.organisation.id, public_id)
        )
    flash(_("The request is withdrawn."), "good")
    return redirect(url_for(".index"), 303)
