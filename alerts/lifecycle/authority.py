"""What lets an alert go: what its approver saw, frozen, and when one officer may send alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from alerts.audience.services import criteria, reached
from alerts.lifecycle.clock import now
from alerts.lifecycle.crises import family
from alerts.lifecycle.models import Alert, AlertState
from alerts.lifecycle.ready import Template, list_templates
from alerts.lifecycle.snapshots import audience_of, digest, freeze, texts_of
from alerts.lifecycle.threads import active_since, corrected
from alerts.messages.checks import check_filled, check_fit
from alerts.messages.slots import is_filled_from
from registry.errors import Conflict, FieldError
from registry.organisations.models import Organisation

ON_THE_MOVE = frozenset({AlertState.APPROVED, AlertState.SENDING, AlertState.PAUSED})
TOLERANCE = 100
"""An audience may differ from what was seen by one in so many: people join and leave while an officer reads."""


class AudienceChanged(Conflict):
    """It would reach others than the approver saw."""

    def __init__(self, seen: int, size: int) -> None:
        super().__init__(
            "audience_changed",
            f"This alert reaches {size:,} phones and mailboxes now, not {seen:,}. Look again, then approve that.",
        )
        self.errors = [FieldError("audience", "changed", f"is {size} now")]


def check_seen(seen: int, size: int) -> None:
    """Raise AudienceChanged where the count differs from what was seen by more than one in a hundred."""
    if abs(size - seen) > seen // TOLERANCE:
        raise AudienceChanged(seen, size)


def seal(session: Session, alert: Alert, seen: int | None) -> dict[str, Any]:
    """Freeze a locked alert as it is now, with its digest; what the audit should say of it.

    `seen` is how many contact points the approver was shown. Raises AudienceChanged, Conflict "over" when its time has
    passed and "still_going" when it corrects what is still being sent, Invalid when a text no longer fits.
    """
    check_filled(alert.texts)
    check_not_over(session, alert)
    check_ended(session, alert)
    audience = audience_of(alert)
    who = criteria(session, audience, active_since(session, alert.thread_id))
    size = reached(session, alert.organisation_id, audience, who)
    if seen is not None:
        check_seen(seen, size)
    organisation = session.get_one(Organisation, alert.organisation_id)
    check_fit(texts_of(alert), alert.type, organisation.sender_name, exercise=alert.exercise)
    alert.approved_at = now(session)
    for other in corrected(session, alert):
        other.corrected_at = other.corrected_at or alert.approved_at
    alert.snapshot = freeze(alert, who, organisation, size)
    alert.snapshot_digest = digest(alert.snapshot)
    return {"audience": size, "digest": alert.snapshot_digest.hex()}


def check_not_over(session: Session, alert: Alert) -> None:
    """Raise Conflict "over"."""
    if alert.expires_at <= now(session):
        raise Conflict("over", "The time until which this alert holds has passed. Change it first.")


def check_ended(session: Session, alert: Alert) -> None:
    """Raise Conflict "still_going": who else an alert will reach is known only once nothing more of it leaves."""
    if any(other.state in ON_THE_MOVE for other in corrected(session, alert)):
        raise Conflict("still_going", "The alert that this corrects has not ended yet. Cancel it first.")


def ready_text(alert: Alert) -> Template | None:
    """The ready text that the alert is, unchanged but for its slots; None when an officer has written of their own."""
    for template in list_templates():
        alike = (template.type, template.level, template.severity) == (
            alert.type,
            alert.level,
            alert.severity,
        )
        if (
            alike
            and family(template.crisis) == family(alert.crisis)
            and is_filled_from(alert.texts, template.texts)
        ):
            return template
    return None
