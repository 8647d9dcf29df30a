"""Sharing on the console."""

from registry.sharing.console.views import shared_console, sharing_console

__all__ = ["shared_console", "sharing_console"]
