"""`/alerts/`: alerts in force, by country, for everyone. No cookie is needed, and a cache may keep them for a while."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from alerts.casework.points import NO_PAPERS, PAPERS, public_points
from alerts.public import services
from alerts.public.words import CRISES, LEVELS, TYPES
from registry.errors import NotFound
from registry.organisations.scope import everywhere
from registry.places import countries_by_name, country_codes, country_name, subdivisions
from registry.web.language import current_language, gettext
from registry.web.quiet import hush, quiet_title

Word = TypeVar("Word", bound=str)
MAX_AGE = 30
"""Seconds that a page may be old."""

blueprint = Blueprint(
    "public_alerts",
    __name__,
    url_prefix="/alerts",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The countries with alerts in force, and a way to look at any other."""
    asked = request.args.get("country", "")
    if asked in country_codes():
        return redirect(url_for(".country", code=asked))
    with everywhere() as session:
        found = services.countries(session)
    language = current_language()
    named = sorted(((country_name(code, language), code, number) for code, number in found.items()))
    return _cached(
        render_template("public/index.html", countries=named, all_countries=countries_by_name(language))
    )


@blueprint.get("/<code>")
def country(code: str) -> ResponseReturnValue:
    """One country's alerts in force, of all organisations."""
    if code.upper() not in country_codes():
        raise NotFound
    if code != code.upper():
        return redirect(url_for(".country", code=code.upper()))
    with everywhere() as session:
        found = services.in_force(session, code, current_language())
        places = [
            (place, gettext(PAPERS if place.id_needed else NO_PAPERS))
            for place in public_points(session, code)
        ]
    if quiet_title():
        hush(country_name(code, current_language()))
    return _cached(
        render_template(
            "public/country.html",
            code=code,
            alerts=found,
            places=places,
            now=datetime.now(UTC),
            regions=subdivisions(code),
            levels=_translated(LEVELS),
            types=_translated(TYPES),
            crises=_translated(CRISES),
        )
    )


def _translated(words: Mapping[Word, str]) -> dict[Word, str]:
    return {word: gettext(label) for word, label in words.items()}


def _cached(page: str) -> Response:
    """For shared caches too, unless the answer sets the language's cookie."""
    answer = make_response(page)
    answer.cache_control.max_age = MAX_AGE
    answer.cache_control.public = "lang" not in request.args
    answer.vary.update(["Accept-Language", "Cookie"])
    return answer
