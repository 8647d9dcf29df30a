"""Where a message that follows another begins."""

from __future__ import annotations

from sqlalchemy.orm import Session

from alerts.lifecycle import services
from alerts.lifecycle.console.fields import following
from alerts.lifecycle.models import Alert, AlertType
from alerts.lifecycle.ready import list_templates
from alerts.lifecycle.threads import root
from registry.errors import NotFound
from registry.web.forms import Form


def start(
    session: Session, follows: str | None, kind: str | None, corrects: str | None = None
) -> Form | None:
    """The form for an update, an all clear or a cancel of an alert; None for a new thread. Raises NotFound.

    `corrects` names the alert to correct: an update for exactly those whom it has reached.
    """
    if not (follows or corrects):
        return None
    alert = services.get(session, corrects or follows or "")
    try:
        wanted = AlertType(kind or AlertType.UPDATE)
    except ValueError:
        raise NotFound from None
    form = following(alert, wanted, _texts(alert, wanted))
    form.values["follows"] = str(root(session, alert).public_id)
    if corrects:
        form.values.setlist("reached_by", [str(alert.public_id)])
        for name in ("languages", "nationalities", "kinds"):
            form.values.setlist(name, [])
    return form


def _texts(alert: Alert, kind: AlertType) -> dict[str, dict[str, str]]:
    """An update starts from what was said; an all clear from the ready text for it."""
    if kind is AlertType.UPDATE:
        return dict(alert.texts)
    ready = next((template for template in list_templates() if template.type == kind), None)
    return {tag: dict(words) for tag, words in ready.texts.items()} if ready else {}
