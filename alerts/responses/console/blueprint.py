"""The console's part for answers."""

from __future__ import annotations

from registry.organisations.models import Role
from registry.web.console import NavItem, console_blueprint

CASE_WORKERS = (Role.CASE_WORKER,)
COUNTERS = (Role.AUTHOR, Role.APPROVER, Role.CASE_WORKER)
"""Who may see which people are safe."""

blueprint = console_blueprint(
    "responses",
    __name__,
    nav=(NavItem("Cases", "responses.cases", CASE_WORKERS, weight=30),),
    url_prefix="/console",
    template_folder="templates",
)
