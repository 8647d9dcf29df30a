"""Keeping a country's public page on a phone, to be read without a connection. Only who asks for it gets it.

The worker sees nothing but `/alerts/`, asks for pages without cookies, and keeps none but those that somebody chose.
Nothing installs or offers itself: the manifest is linked from the page on keeping alone.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from registry.errors import NotFound
from registry.places import country_codes, country_name
from registry.web.language import current_language, direction, gettext
from registry.web.policy import allow
from registry.web.quiet import handed_on, hush, quiet_title

FOLDER = Path(__file__).with_name("static")
SCOPE = "/alerts/"
COLOURS = {False: "#0a5a63", True: "#66737d"}
"""Of our own picture, and of the plain one."""

blueprint = Blueprint("public_keeping", __name__, url_prefix=SCOPE, template_folder="templates")


@blueprint.get("/<code>/keep")
def keep(code: str) -> ResponseReturnValue:
    """What it means, and the buttons for it, which a script shows where the browser can do it."""
    plain = _hushed(code)
    allow("worker-src 'self'")
    allow("manifest-src 'self'")
    return render_template("public/keep.html", code=code, page=_page(code), picture=_picture(plain))


@blueprint.get("/<code>/app.webmanifest")
def manifest(code: str) -> Response:
    """The page as an app (W3C Web Application Manifest), in the language and under the name chosen."""
    plain = _hushed(code)
    name = country_name(code, current_language())
    size = {"src": _static(_picture(plain)), "sizes": "192x192", "type": "image/png"}
    drawn = url_for("static", filename="plain.svg" if plain else "icon.svg")
    answer = jsonify(
        id=_page(code),
        start_url=_page(code),
        scope=SCOPE,
        display="standalone",
        name=name if plain else gettext("Alerts in force: %(country)s", country=name),
        short_name=name if plain else "Rollcall",
        lang=current_language(),
        dir=direction(),
        theme_color=COLOURS[plain],
        background_color="#fbfaf6",
        icons=[size, {"src": drawn, "sizes": "any", "type": "image/svg+xml"}],
    )
    answer.mimetype = "application/manifest+json"
    return answer


@blueprint.get("/worker.js")
def worker() -> Response:
    """From here, for a worker rules over no more than the folder that it comes from (W3C Service Workers)."""
    return send_from_directory(FOLDER, "worker.js")


def _hushed(code: str) -> bool:
    if code not in country_codes():
        raise NotFound
    plain = quiet_title() is not None
    if plain:
        hush(country_name(code, current_language()))
    return plain


def _page(code: str) -> str:
    """In this language whatever the cookie says, as the worker sends none."""
    return url_for("public_alerts.country", code=code, lang=current_language(), **handed_on())


def _picture(plain: bool) -> str:
    return "plain.png" if plain else "icon.png"


def _static(name: str) -> str:
    return url_for("public_alerts.static", filename=name)
