"""Sharing on the console."""

from registry.sharing.console.views import sharing_console

__all__ = ["sharing_console"]
