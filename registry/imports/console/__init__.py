"""Console pages about imports: upload, watch the check, read the report, confirm."""

from registry.imports.console.views import imports_console

__all__ = ["imports_console"]
