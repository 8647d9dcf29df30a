"""Drafting, approving and steering alerts. Every function expects a session scoped to the organisation.

Each move locks the alert's row, is for officers whose post serves its area, is audited, and wakes the dispatcher where
there is something for it to do; all of it is one transaction of the caller's.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from alerts.delivery.models import Batch
from alerts.lifecycle.authority import check_ended, check_not_over, ready_text, seal
from alerts.lifecycle.clock import now
from alerts.lifecycle.duty import tell_duty_officers
from alerts.lifecycle.intake import AlertIntake
from alerts.lifecycle.models import Alert, AlertState, AlertType
from alerts.lifecycle.moves import Move, check
from alerts.lifecycle.threads import followed, went_out
from alerts.messages.checks import check_filled, check_fit
from registry.audit.services import record
from registry.checking import Checker
from registry.crypto.keyring import OrganisationKeys
from registry.errors import Conflict, Invalid, NotFound
from registry.organisations.models import Officer, Organisation, Role
from registry.organisations.services import actor_of
from registry.staff.reach import NOT_SERVED, beyond, check_area

MAX_REASON = 1000


def create_draft(session: Session, officer: Officer, intake: AlertIntake) -> Alert:
    """A new draft. Raises Invalid when a text doesn't fit or an update follows nothing."""
    alert = Alert(organisation_id=officer.organisation_id, state=AlertState.DRAFT)
    _fill(session, officer, alert, intake)
    session.add(alert)
    session.flush()
    record(session, actor_of(officer), "alert.created", alert.public_id, {"type": alert.type.value})
    return alert


def edit(session: Session, officer: Officer, alert: Alert, intake: AlertIntake) -> Alert:
    """Replace the whole alert. It is a draft again: a submission or approval is void. Whoever edits is the author."""
    alert = _lock(session, officer, alert)
    if intake.exercise is not alert.exercise:
        raise Invalid.one("exercise", "fixed", "can't change any more: begin a new alert instead")
    before = alert.state
    alert.state = _check(session, alert, Move.EDIT)
    alert.approver_id = alert.approved_at = alert.submitted_at = None
    alert.snapshot = alert.snapshot_digest = alert.planned_at = alert.break_glass_reason = None
    _fill(session, officer, alert, intake)
    session.flush()
    record(session, actor_of(officer), "alert.edited", alert.public_id, {"from": before.value})
    return alert


def get(session: Session, public_id: str | uuid.UUID) -> Alert:
    """By public id. Raises NotFound also for an id of another organisation or in a wrong form."""
    try:
        wanted = public_id if isinstance(public_id, uuid.UUID) else uuid.UUID(public_id)
    except ValueError:
        raise NotFound from None
    alert = session.scalar(select(Alert).where(Alert.public_id == wanted))
    if alert is None:
        raise NotFound
    return alert


def list_(
    session: Session, after: int | None = None, limit: int = 50, *, exercise: bool | None = None
) -> list[Alert]:
    """Up to `limit` alerts, the newest first, from the one before number `after` on; of one sort, or all."""
    query = select(Alert).order_by(Alert.id.desc()).limit(limit)
    if exercise is not None:
        query = query.where(Alert.exercise.is_(exercise))
    return list(session.scalars(query if after is None else query.where(Alert.id < after)))


def submit(session: Session, officer: Officer, alert: Alert) -> Alert:
    """Ask for approval. Raises Conflict, and Invalid when a template's blank is not filled in."""
    alert = _lock(session, officer, alert)
    state = _check(session, alert, Move.SUBMIT)
    check_filled(alert.texts)
    check_not_over(session, alert)
    check_ended(session, alert)
    alert.submitted_at = now(session)
    return _moved(session, officer, alert, state, "alert.submitted", None)


def return_(session: Session, officer: Officer, alert: Alert, reason: str) -> Alert:
    """Give it back to be changed. Raises Invalid without a reason."""
    if _reason(reason) is None:
        raise Invalid.one("reason", "required", "say what is to be changed")
    return _steer(session, officer, alert, Move.RETURN, "alert.returned", reason)


def approve(session: Session, officer: Officer, alert: Alert, seen: int | None = None) -> Alert:
    """Freeze it and let it go. `seen` is the number of contact points that the approver was shown, if they were.

    Raises Conflict "own_alert" for its author, and as `authority.seal` does.
    """
    alert = _lock(session, officer, alert)
    state = _check(session, alert, Move.APPROVE)
    if alert.author_id == officer.id:
        raise Conflict("own_alert", "You wrote this alert, so somebody else must approve it.")
    alert.approver_id = officer.id
    details = seal(session, alert, seen)
    return _moved(session, officer, alert, state, "alert.approved", None, details)


def break_glass(
    session: Session, keys: OrganisationKeys, officer: Officer, alert: Alert, reason: str, seen: int, url: str
) -> Alert:
    """Its author sends it alone, for want of anyone to approve; every duty officer is told at once by mail.

    Only an approver may, with a reason, and only a ready text unchanged but for its slots. `url` is of the alert's
    page. Raises Conflict "not_yours", "not_ready", and as `authority.seal` does; Invalid without a reason.
    """
    why = _reason(reason)
    if why is None:
        raise Invalid.one("reason", "required", "say why nobody else can approve it in time")
    alert = _lock(session, officer, alert)
    state = _check(session, alert, Move.BREAK_GLASS)
    if alert.author_id != officer.id or Role.APPROVER not in officer.roles:
        raise Conflict("not_yours", "Only an approver may send alone, and only what they wrote themselves.")
    template = ready_text(alert)
    if template is None:
        raise Conflict(
            "not_ready", "Only a ready text, unchanged but for its slots, may be sent by one officer."
        )
    alert.break_glass_reason = why
    details = seal(session, alert, seen) | {"reason": why, "template": template.id}
    tell_duty_officers(session, keys, officer, alert, url)
    return _moved(session, officer, alert, state, "alert.glass_broken", None, details)


def pause(session: Session, officer: Officer, alert: Alert, reason: str | None = None) -> Alert:
    """Hold back what has not been handed over yet."""
    return _steer(session, officer, alert, Move.PAUSE, "alert.paused", reason)


def resume(session: Session, officer: Officer, alert: Alert) -> Alert:
    """Go on with a paused alert."""
    return _steer(session, officer, alert, Move.RESUME, "alert.resumed", None)


def cancel(session: Session, officer: Officer, alert: Alert, reason: str | None = None) -> Alert:
    """End it for good; what has left can't be called back, only followed by another message."""
    return _steer(session, officer, alert, Move.CANCEL, "alert.cancelled", reason)


def _steer(
    session: Session, officer: Officer, alert: Alert, move: Move, action: str, reason: str | None
) -> Alert:
    reason = _reason(reason)
    alert = _lock(session, officer, alert)
    return _moved(session, officer, alert, _check(session, alert, move), action, reason)


def _reason(given: str | None) -> str | None:
    reading = Checker()
    reason = reading.text({"reason": given}, "reason", "reason", MAX_REASON)
    reading.done()
    return reason


def _moved(
    session: Session,
    officer: Officer,
    alert: Alert,
    state: AlertState,
    action: str,
    reason: str | None,
    details: dict[str, Any] | None = None,
) -> Alert:
    moved = {"from": alert.state.value, "to": state.value} | (details or {})
    alert.state, alert.reason = state, reason
    session.flush()
    record(session, actor_of(officer), action, alert.public_id, moved)
    session.execute(text("NOTIFY rollcall, 'alerts'"))  # heard as the transaction commits, never before
    return alert


def _lock(session: Session, officer: Officer, alert: Alert) -> Alert:
    """The alert as it is now, held until the transaction ends. Doesn't stop others from following it.

    Raises Conflict "reach" for an officer of a post that doesn't serve all of its countries.
    """
    query = select(Alert).where(Alert.id == alert.id).with_for_update(key_share=True)
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    if codes := beyond(session, officer, found.area["countries"]):
        raise Conflict("reach", f"{NOT_SERVED.format(', '.join(codes))}.")
    return found


def _check(session: Session, alert: Alert, move: Move) -> AlertState:
    begun = alert.state is AlertState.PAUSED and session.scalar(
        select(exists().where(Batch.alert_id == alert.id))
    )
    return check(alert.state, move, begun=bool(begun))


def _fill(session: Session, officer: Officer, alert: Alert, intake: AlertIntake) -> None:
    organisation = session.get_one(Organisation, officer.organisation_id)
    check_area(session, officer, intake.audience.countries)
    check_fit(intake.texts, intake.type, organisation.sender_name, exercise=intake.exercise)
    if intake.type is AlertType.ALERT:
        alert.thread_id = None
    elif intake.follows or alert.thread_id is None:
        thread = followed(session, organisation.id, intake, but=alert.id)
        alert.thread_id = thread.id if thread else None
    alert.author_id = officer.id
    _check_reached(session, intake)
    alert.type, alert.level, alert.severity = intake.type, intake.level, intake.severity
    alert.crisis, alert.exercise = intake.crisis, intake.exercise
    alert.area, alert.filters = intake.audience.area(), intake.audience.filters()
    alert.channels = [channel.value for channel in intake.audience.channels]
    alert.texts = {tag: words.as_dict() for tag, words in intake.texts.items()}
    alert.expires_at, alert.next_update_at = intake.expires_at, intake.next_update_at


def _check_reached(session: Session, intake: AlertIntake) -> None:
    """Those whom an alert reached can be named once it has gone out; an exercise's are for exercises."""
    for place, public_id in enumerate(intake.audience.reached_by):
        try:
            other = get(session, public_id)
        except NotFound:
            raise Invalid.one(f"filters.reached_by.{place}", "unknown", "there is no such alert") from None
        if not went_out(other) or other.exercise is not intake.exercise:
            raise Invalid.one(
                f"filters.reached_by.{place}",
                "not_sent",
                "has not gone out, or is an exercise and this is not",
            )
