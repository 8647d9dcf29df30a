"""The console's page about languages."""

from alerts.languages.console.views import blueprint

__all__ = ["blueprint"]
