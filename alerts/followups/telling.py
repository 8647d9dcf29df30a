"""What officers are mailed about a promise to people."""

from __future__ import annotations

from registry.i18n import mark
from registry.notices.officers import Words

PROMISED = Words(
    mark("Rollcall: an update was promised"),
    mark(
        """The next update of an alert was promised to people for %(when)s UTC, and none has been sent.

Send it, or tell them by one press that there is no news yet: %(url)s
"""
    ),
)
