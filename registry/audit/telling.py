"""What auditors and administrators are mailed about."""

from __future__ import annotations

from registry.i18n import mark
from registry.notices.officers import Words

SUBJECT = mark("Rollcall: many contacts were opened")
BY_HAND = Words(
    SUBJECT,
    mark(
        """%(who)s has opened the contacts of more than %(most)s people within ten minutes, at %(when)s UTC.
Further ones were refused.

Look at what was read: %(url)s
"""
    ),
)
BY_PROGRAM = Words(
    SUBJECT,
    mark(
        """%(who)s has read the contacts of more than %(most)s people by a program within ten minutes, at %(when)s UTC.
Their key goes on working.

Look at what was read: %(url)s
"""
    ),
)
