"""The console's pages for what became of an alert."""

from alerts.reports.console import views
from alerts.reports.console.blueprint import blueprint

__all__ = ["blueprint", "views"]
