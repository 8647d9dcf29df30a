"""The keys of posts on the console."""

from registry.custody.console.views import keys_console

__all__ = ["keys_console"]
