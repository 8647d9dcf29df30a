"""The console's start page."""

from __future__ import annotations

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.database import scoped
from registry.organisations.models import Role
from registry.people.figures import figures
from registry.places import subdivisions
from registry.staff.reach import reach_of
from registry.web.console import NavItem, console_blueprint, current_officer, may, requires
from registry.web.console.atlas import atlas
from registry.web.console.waiting import waiting_for

SHOWN = 10
"""Countries named on the start page; the rest is folded away."""
FINDERS = (Role.REGISTRAR, Role.CASE_WORKER, Role.ADMINISTRATOR)
"""Who may look people up by their country."""

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
        tasks = waiting_for(current_app, session, officer)
    return render_template(
        "console/home.html",
        figures=found,
        places=found.places,
        shown=SHOWN,
        atlas=atlas({place.country: place.people for place in found.places}),
        link=_link if may(*FINDERS) else None,
        subdivision_name=_subdivision,
        tasks=tasks,
        registrar=may(Role.REGISTRAR),
        reach=reach,
    )


def _link(country: str) -> str:
    return url_for("people.index", country=country)


def _subdivision(code: str) -> str:
    return subdivisions(code[:2]).get(code, code)
