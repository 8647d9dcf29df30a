"""The console's part for alerts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from alerts.lifecycle.console import previews, reasons, words
from registry.organisations.models import Role
from registry.web.console import NavItem, console_blueprint

AUTHORS = (Role.AUTHOR,)
APPROVERS = (Role.APPROVER,)
STEERERS = (Role.AUTHOR, Role.APPROVER)
"""Who may hold an alert back or end it: whoever may start one may stop it."""

blueprint = console_blueprint(
    "alerts",
    __name__,
    nav=(NavItem("Alerts", "alerts.index", weight=20),),
    url_prefix="/console/alerts",
    template_folder="templates",
)
assets = Blueprint(
    "alerts_assets", __name__, static_folder="static", static_url_path="/console/alerts/static"
)
"""Style and scripts: nothing in them is secret, and a browser may keep them."""


@blueprint.app_context_processor
def vocabulary() -> dict[str, Any]:
    """The words for alerts, for every template that shows one."""
    return {"words": words.Vocabulary(), "plain_reason": reasons.plain_reason, "untold": previews.untold}
