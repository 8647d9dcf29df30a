"""The page, with an example of everything."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from alerts.reports.curve import curve
from config.design.colours import contrasts, palettes
from registry.web.console import console_blueprint, requires
from registry.web.forms import Form

HANDED_OVER = {1: 400, 2: 900, 3: 900, 5: 700, 8: 100}
DELIVERED = {3: 300, 5: 800, 8: 900, 13: 600, 21: 250, 34: 80}
"""How many messages of an alert that never was left, and arrived, by second."""

design = console_blueprint("design", __name__, url_prefix="/console/design", template_folder="templates")


@design.get("")
@requires()
def index() -> ResponseReturnValue:
    """In English only: it is for whoever works on the pages."""
    sheet = Path(current_app.static_folder or "", "site.css").read_text("utf-8")
    light, dark = palettes(sheet)
    wrong = Form({"name": "", "code": "12"})
    wrong.fail("name", "Enter a name.")
    wrong.fail("code", "The code has six digits.")
    return render_template(
        "design/index.html",
        light=light,
        dark=dark,
        contrasts=list(zip(contrasts(light), contrasts(dark), strict=True)),
        form=Form({"email": "officer@example.org", "level": "restriction", "roles": "author"}),
        wrong=wrong,
        now=datetime.now(UTC),
        curve=curve(3000, HANDED_OVER, DELIVERED),
    )
