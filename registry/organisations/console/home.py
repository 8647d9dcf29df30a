"""The console's start page."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from registry.database import scoped
from registry.organisations.models import Role
from registry.people.figures import figures
from registry.staff.reach import reach_of
from registry.web.console import NavItem, console_blueprint, current_officer, may, requires

SHOWN = 10
"""Countries named on the start page; the rest is summed up."""

blueprint = console_blueprint(
    "home",
    __name__,
    nav=(NavItem("Home", "home.index", weight=10),),
    url_prefix="/console",
    template_folder="templates",
)


@blueprint.get("/")
@requires()
def index() -> ResponseReturnValue:
    """What the registry holds, or what to do when it is empty."""
    officer = current_officer()
    with scoped(officer.organisation_id) as session:
        reach = reach_of(session, officer)
        found = figures(session, officer.organisation_id, reach)
    return render_template(
        "console/home.html",
        figures=found,
        countries=found.countries[:SHOWN],
        others=found.countries[SHOWN:],
        registrar=may(Role.REGISTRAR),
        reach=reach,
    )
