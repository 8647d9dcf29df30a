"""Places that help: the list, a new one, a change."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from alerts.casework import points as services
from alerts.casework.console.blueprint import NAMERS, blueprint
from alerts.casework.models import AssistancePoint
from registry.api.pages import page_of
from registry.database import Session
from registry.errors import Invalid
from registry.people.pages.options import countries
from registry.web.console import current_officer, requires
from registry.web.console.paging import place_in
from registry.web.console.vaults import transaction
from registry.web.forms import Form
from registry.web.language import gettext as _

PAGE = 25
LIST = "console points"
FLAGS = ("id_needed", "public")


@blueprint.get("/points", endpoint="points", strict_slashes=False)
@requires(*NAMERS)
def index() -> str:
    """All of them, also those that are closed."""
    with transaction() as (session, vault):
        after = place_in(vault, LIST) or 0
        found = services.list_points(session, after, PAGE + 1)
        shown, following = page_of(vault, LIST, found, PAGE)
        return render_template(
            "casework/points.html",
            points=shown,
            next_url=url_for(".points", after=following) if following else None,
            first_url=url_for(".points") if after else None,
        )


@blueprint.route("/points/new", methods=["GET", "POST"])
@requires(*NAMERS)
def new_point() -> ResponseReturnValue:
    """Add a place."""
    form = Form(request.form)
    if request.method == "POST":
        with transaction() as (session, _):
            if _save(session, form, None):
                return redirect(url_for(".points"), 303)
    return _page(form, None)


@blueprint.route("/points/<uuid:public_id>", methods=["GET", "POST"])
@requires(*NAMERS)
def point(public_id: uuid.UUID) -> ResponseReturnValue:
    """Change a place, or close it for messages."""
    form = Form(request.form)
    with transaction() as (session, _):
        found = services.get_point(session, public_id)
        if request.method != "POST":
            return _page(Form(_held(found)), found)
        if form.value("do") in ("close", "open"):
            services.close_point(session, current_officer(), found, closed=form.value("do") == "close")
        elif not _save(session, form, found):
            return _page(form, found)
    return redirect(url_for(".points"), 303)


def _save(session: Session, form: Form, found: AssistancePoint | None) -> bool:
    given = {name: form.value(name) for name in ("country", *services.LIMITS)}
    try:
        data = {**given, **{name: form.chosen(name, "yes") for name in FLAGS}}
        services.save_point(session, current_officer(), data, found)
    except Invalid as invalid:
        form.take(invalid)
        return False
    flash(_("The place is saved: replies can name it."), "good")
    return True


def _held(point: AssistancePoint) -> dict[str, str]:
    held: dict[str, str] = {name: getattr(point, name) for name in ("country", *services.LIMITS)}
    return held | {name: "yes" if getattr(point, name) else "" for name in FLAGS}


def _page(form: Form, found: AssistancePoint | None) -> ResponseReturnValue:
    page = render_template("casework/point.html", form=form, point=found, countries=countries())
    return page, 422 if form.errors else 200
