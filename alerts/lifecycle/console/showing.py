"""An alert's own page: what it says, whom it reaches, what may be done with it, how far it has come."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from alerts.audience.preview import Preview, Rates
from alerts.audience.services import preview
from alerts.channels.base import UNSUBSCRIBE, Content
from alerts.delivery.tally import tally
from alerts.lifecycle import services
from alerts.lifecycle.console import reading
from alerts.lifecycle.console.allowed import allowed
from alerts.lifecycle.console.blueprint import APPROVERS, AUTHORS, blueprint
from alerts.lifecycle.console.meters import Meter, blanks, meters
from alerts.lifecycle.console.progress import outcome, standing
from alerts.lifecycle.console.versions import version
from alerts.lifecycle.models import Alert, AlertState
from alerts.lifecycle.snapshots import intake_of, texts_of
from alerts.lifecycle.threads import active_since, corrected, went_out
from alerts.messages.services import Key, contents, contents_of
from registry.database import scoped
from registry.factors.console.answers import offer
from registry.people.models import ChannelName
from registry.staff.reach import beyond
from registry.web.console import current_officer, may, requires
from registry.web.forms import Form
from registry.web.platform import platform

OPEN = (AlertState.DRAFT, AlertState.RETURNED, AlertState.SUBMITTED)


@blueprint.get("/<alert_id>")
@requires()
def show(alert_id: str) -> ResponseReturnValue:
    """The page as it is now."""
    with scoped(current_officer().organisation_id) as session:
        return page(session, services.get(session, alert_id), Form())


def page(session: Session, alert: Alert, form: Form) -> str:
    """The page with a form for a reason as it was sent."""
    officer = current_officer()
    alert = reading.with_officers(session, alert)
    counted = tally(session, alert)
    before, approved = alert.state in OPEN, alert.snapshot is not None
    elsewhere = beyond(session, officer, alert.area["countries"])
    now = standing(session, alert, counted) if approved else None
    begun = any(sum(states.values()) for states in counted.values())
    return render_template(
        "alerts/show.html",
        alert=alert,
        form=form,
        moves=allowed(alert, officer, begun=begun, beyond=bool(elsewhere)),
        elsewhere=elsewhere,
        own=alert.author_id == officer.id,
        author=may(*AUTHORS) and not elsewhere,
        approver=may(*APPROVERS) and not elsewhere,
        approvers=reading.approvers(session, alert) if before else (),
        preview=preview_of(session, alert) if before and not elsewhere else None,
        confirm_above=platform().confirm_above,
        factor=offer(session) if before else None,
        corrected=corrected(session, alert),
        blanks=blanks(alert.texts) if before else (),
        letters=letters(alert),
        meters=_meters(alert),
        seen=version(alert),
        thread=reading.thread_of(session, alert),
        standing=now,
        outcome=outcome(session, alert, now.course) if now else None,
        followable=went_out(alert),
    )


def preview_of(session: Session, alert: Alert) -> Preview:
    """Whom it would reach now."""
    since = active_since(session, alert.thread_id)
    return preview(session, current_officer().organisation, intake_of(alert), Rates.of(platform()), since)


def letters(alert: Alert) -> dict[str, dict[str, Any]]:
    """language → channel → what people get, word for word, not in quiet mode; a blank stands for each one's link."""
    found = _contents(alert)
    shown: dict[str, dict[str, Any]] = {tag: {} for tag in alert.texts}
    for (channel, tag, quiet), content in found.items():
        if not quiet:
            text = content.text.replace(UNSUBSCRIBE, f"{platform().base_url}/stop/…")
            shown[tag][channel] = {"subject": content.subject, "text": text}
    return shown


def _contents(alert: Alert) -> dict[Key, Content]:
    """As approved; before that, as it would be approved now."""
    sender, here = current_officer().organisation.sender_name, platform().base_url
    if alert.snapshot is not None:
        return contents(alert.snapshot, sender, here)
    channels = tuple(map(ChannelName, alert.channels))
    return contents_of(texts_of(alert), channels, alert.type, sender, here, exercise=alert.exercise)


def _meters(alert: Alert) -> dict[str, Meter]:
    sender = current_officer().organisation.sender_name
    return meters(alert.texts, alert.type, sender, exercise=alert.exercise)
