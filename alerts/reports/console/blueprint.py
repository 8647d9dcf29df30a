"""The console's part for reports."""

from __future__ import annotations

from registry.web.console import console_blueprint

blueprint = console_blueprint("reports", __name__, url_prefix="/console/alerts", template_folder="templates")
