"""Console pages of the inbox: what waits, conversations, shifts."""

from alerts.inbox.console import conversation, inbox
from alerts.inbox.console.blueprint import blueprint

__all__ = ["blueprint", "conversation", "inbox"]
