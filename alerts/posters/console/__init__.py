"""The console's page that makes posters."""

from alerts.posters.console.views import assets, blueprint

__all__ = ["assets", "blueprint"]
