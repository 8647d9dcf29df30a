"""What exists in each language, and whether a speaker has read it."""

from __future__ import annotations

from flask import render_template

from alerts.languages.coverage import coverage
from registry.web.console import ORGANISATION, NavItem, console_blueprint, requires

blueprint = console_blueprint(
    "languages",
    __name__,
    nav=(NavItem("Languages", "languages.index", weight=75, group=ORGANISATION),),
    url_prefix="/console/languages",
    template_folder="templates",
)


@blueprint.get("/")
@requires()
def index() -> str:
    """A row for each language."""
    return render_template("languages/index.html", found=coverage())
