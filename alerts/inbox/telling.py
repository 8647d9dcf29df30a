"""What the duty list is mailed about a plea that waits."""

from __future__ import annotations

from registry.i18n import mark
from registry.notices.officers import Words

WAITS = Words(
    mark("Rollcall: a plea for help waits"),
    mark(
        """After %(minutes)s minutes, unread pleas for help: %(messages)s, cases that nobody has taken: %(cases)s.
The oldest has waited for %(oldest)s minutes.

Read it now: %(url)s

You get this because you are on duty, or because nobody is. It comes again until it is read.
"""
    ),
)
