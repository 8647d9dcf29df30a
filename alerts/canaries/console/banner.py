"""At the head of every page of the console: that a canary is late."""

from __future__ import annotations

from markupsafe import Markup
from sqlalchemy.orm import Session

from alerts.canaries.services import DISPATCHER, late
from registry.organisations.models import Officer
from registry.web.language import gettext as _


def banner(session: Session, _officer: Officer) -> Markup | None:
    """What stands at the head of every page while something is late."""
    found = late(session)
    if not found:
        return None
    if DISPATCHER in found:
        words = _(
            "The dispatcher has not been seen for a minute: nothing leaves. Tell whoever runs this service."
        )
    else:
        words = _("A worker's queue stands still: messages leave slowly. Tell whoever runs this service.")
    return Markup('<p class="flash flash--bad" role="alert">{}</p>').format(words)
