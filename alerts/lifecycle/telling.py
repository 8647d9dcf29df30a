"""What every duty officer is mailed when a colleague has sent an alert alone."""

from __future__ import annotations

from registry.i18n import mark
from registry.notices.officers import Words

ALERT = Words(
    mark("Alert sent by one officer alone"),
    mark(
        """%(name)s has sent an alert without a second officer.

It reaches %(audience)s phones and mailboxes in %(countries)s.
Reason given: %(reason)s

Look at it now. You can pause or cancel it, and correct what has left:
%(url)s

This was told to every approver and administrator of your organisation, %(name)s among them.
"""
    ),
)
EXERCISE = Words(
    mark("Exercise sent by one officer alone"),
    mark(
        """%(name)s has sent an exercise without a second officer.

It reaches %(audience)s phones and mailboxes in %(countries)s.
Reason given: %(reason)s

Look at it here:
%(url)s

This was told to every approver and administrator of your organisation, %(name)s among them.
"""
    ),
)
