"""Imports, for programs."""

from registry.imports.api.views import imports_api

__all__ = ["imports_api"]
