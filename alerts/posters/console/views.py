"""Posters: choose country and language, look, print."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.posters.sheets import make_sheet
from registry.database import scoped
from registry.i18n import LANGUAGES
from registry.organisations.models import Organisation, Post, PostCountry
from registry.places import countries_by_name, language_name
from registry.staff.reach import reach_of
from registry.web.console import NavItem, console_blueprint, current_officer, requires
from registry.web.forms import Form
from registry.web.language import current_language, use_language
from registry.web.language import gettext as _
from registry.web.platform import platform

ALL = "all"

blueprint = console_blueprint(
    "posters",
    __name__,
    nav=(NavItem("Posters", "posters.index", weight=57, group="People"),),
    url_prefix="/console/posters",
    template_folder="../templates",
)
assets = Blueprint(
    "posters_assets", __name__, static_folder="../static", static_url_path="/console/posters/static"
)


@blueprint.get("/")
@requires()
def index() -> ResponseReturnValue:
    """The choice, and under it the posters that were chosen, as paper shows them."""
    form = Form(request.args)
    with scoped(current_officer().organisation_id) as session:
        reach = reach_of(session, current_officer())
        countries = [
            pair for pair in countries_by_name(current_language()) if reach is None or pair[0] in reach
        ]
        sheets = _sheets(session, form, dict(countries)) if "country" in form.values else []
    page = render_template(
        "console/posters/index.html",
        form=form,
        countries=countries,
        choices=[(ALL, _("All languages")), *((tag, language_name(tag)) for tag in LANGUAGES)],
        number=platform().join_number,
        sheets=sheets,
    )
    return page, 422 if form.errors else 200


def _sheets(session: Session, form: Form, countries: dict[str, str]) -> list[Markup]:
    country, wanted = form.value("country"), form.value("language")
    if country not in countries:
        form.fail("country", _("Choose a country."))
    if wanted not in {ALL, *LANGUAGES}:
        form.fail("language", _("Choose a language."))
    if form.errors:
        return []
    organisation = session.get_one(Organisation, current_officer().organisation_id)
    post = _post_in(session, organisation, country)
    before = current_language()
    try:
        tags = list(LANGUAGES) if wanted == ALL else [wanted]
        return [_drawn(organisation, post, country, tag) for tag in tags]
    finally:
        use_language(before)


def _drawn(organisation: Organisation, post: Post | None, country: str, tag: str) -> Markup:
    use_language(tag)
    sheet = make_sheet(platform().base_url, platform().join_number, organisation, country, tag)
    page = render_template(
        "posters/sheet.html", sheet=sheet, organisation=organisation, post=post, country=country
    )
    return Markup(page)  # noqa: S704 - a template's own


def _post_in(session: Session, organisation: Organisation, country: str) -> Post | None:
    """The oldest open post that serves a country."""
    query = (
        select(Post)
        .join(PostCountry, PostCountry.post_id == Post.id)
        .where(
            Post.organisation_id == organisation.id, Post.closed_at.is_(None), PostCountry.country == country
        )
    )
    return session.scalars(query.order_by(Post.id).limit(1)).first()
