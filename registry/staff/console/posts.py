"""Posts: the list, and opening, changing and closing them."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry import places
from registry.audit.services import record
from registry.database import scoped
from registry.errors import Invalid
from registry.factors.console.asking import with_fresh_factor
from registry.organisations.models import Organisation, Post
from registry.organisations.services import actor_of
from registry.people.pages import options
from registry.posts import services
from registry.staff.console.blueprint import ADMINISTRATOR, MOST_POSTS, staff_console
from registry.web.console import current_officer, requires
from registry.web.forms import Form
from registry.web.language import current_language
from registry.web.language import gettext as _
from registry.web.platform import platform


@staff_console.get("/posts")
@requires(ADMINISTRATOR)
def posts() -> ResponseReturnValue:
    """All posts, closed ones too."""
    with scoped(current_officer().organisation_id) as session:
        found = services.list_posts(session, current_officer().organisation_id, closed=True, limit=MOST_POSTS)
        return render_template(
            "console/staff/posts.html",
            posts=[
                (
                    post,
                    ", ".join(places.country_name(row.country, current_language()) for row in post.countries),
                )
                for post in found
            ],
        )


@staff_console.get("/posts/new")
@requires(ADMINISTRATOR)
@with_fresh_factor
def new_post() -> ResponseReturnValue:
    """An empty form."""
    return _page(Form(), None)


@staff_console.post("/posts/new")
@requires(ADMINISTRATOR)
def open_post() -> ResponseReturnValue:
    """Open a post."""

    def act(session: Session, form: Form) -> Post:
        organisation = session.get_one(Organisation, current_officer().organisation_id)
        countries = form.values.getlist("countries")
        return services.create_post(session, platform().keyring, organisation, form.value("name"), countries)

    return _save(act, "post.open", None)


@staff_console.get("/posts/<post_id>")
@requires(ADMINISTRATOR)
@with_fresh_factor
def post(post_id: str) -> ResponseReturnValue:
    """The form with what is held."""
    with scoped(current_officer().organisation_id) as session:
        found = services.get_post(session, current_officer().organisation_id, post_id)
        form = Form({"name": found.name, "countries": [row.country for row in found.countries]})
    return _page(form, found)


@staff_console.post("/posts/<post_id>")
@requires(ADMINISTRATOR)
def change_post(post_id: str) -> ResponseReturnValue:
    """Save it, close it, or open it again."""
    with scoped(current_officer().organisation_id) as session:
        shown = services.get_post(session, current_officer().organisation_id, post_id)

    def act(session: Session, form: Form) -> Post:
        found = services.get_post(session, current_officer().organisation_id, post_id)
        if form.value("do") == "close":
            services.close_post(session, found)
        elif form.value("do") == "reopen":
            services.reopen_post(session, found)
        else:
            services.change_post(session, found, form.value("name"), form.values.getlist("countries"))
        return found

    return _save(act, "post.change", shown)


@with_fresh_factor
def _save(act: Callable[[Session, Form], Post], action: str, shown: Post | None) -> ResponseReturnValue:
    """Whoever says which countries a post serves, says whom its officers see: with a fresh factor only."""
    form, me = Form(request.form), current_officer()
    try:
        with scoped(me.organisation_id) as session:
            changed = act(session, form)
            details = {
                "countries": sorted(row.country for row in changed.countries),
                "closed": changed.closed_at is not None,
            }
            record(session, actor_of(me), action, changed.public_id, details)
    except Invalid as invalid:
        form.take(invalid)
        return _page(form, shown), 422
    flash(_("Saved."), "good")
    return redirect(url_for(".posts"))


def _page(form: Form, shown: Post | None) -> str:
    return render_template("console/staff/post.html", form=form, shown=shown, options=options)
