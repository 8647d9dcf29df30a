"""The console's part for referrals and assistance points."""

from __future__ import annotations

from registry.organisations.models import Role
from registry.web.console import NavItem, console_blueprint

WORKERS = (Role.CASE_WORKER,)
NAMERS = (Role.CASE_WORKER, Role.AUTHOR)
"""Who may say where help is given."""

blueprint = console_blueprint(
    "casework",
    __name__,
    nav=(
        NavItem("Referred to us", "casework.referrals", WORKERS, weight=32, group="Cases"),
        NavItem("Places that help", "casework.points", NAMERS, weight=34, group="Cases"),
    ),
    url_prefix="/console",
    template_folder="templates",
)
