"""Which alert an update, an all clear or a cancel follows."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from alerts.lifecycle.intake import AlertIntake
from alerts.lifecycle.models import Alert, AlertState, AlertType
from registry.errors import Invalid

ON_ITS_WAY = (AlertState.APPROVED, AlertState.SENDING, AlertState.SENT)


def followed(
    session: Session, organisation_id: int, intake: AlertIntake, but: int | None = None
) -> Alert | None:
    """The first alert of the thread; None for an alert, which begins one.

    The one that `intake.follows` names, or whose readers it is for, or any of its thread; without it, the latest that
    went out in one of the countries. `but` is the number of an alert that can't be it. Raises Invalid when there is
    none.
    """
    if intake.type is AlertType.ALERT:
        return None
    named = intake.follows or next(map(uuid.UUID, intake.audience.reached_by), None)
    if named:
        found = _named(session, organisation_id, named)
        if found is None or found.id == but:
            raise Invalid.one("follows", "unknown", "there is no such alert")
        if not went_out(found):
            raise Invalid.one("follows", "not_sent", "that alert has not gone out, so nothing can follow it")
    else:
        found = _latest(session, organisation_id, intake, but)
        if found is None:
            raise Invalid.one("follows", "required", "no alert has gone out in these countries")
    if found.exercise is not intake.exercise:
        raise Invalid.one("exercise", "mixed", "must be the same as of the alert it follows")
    return root(session, found)


def corrected(session: Session, alert: Alert) -> list[Alert]:
    """The alerts whose readers it is for, by `filters.reached_by`."""
    ids = [uuid.UUID(public_id) for public_id in alert.filters.get("reached_by", ())]
    return list(session.scalars(select(Alert).where(Alert.public_id.in_(ids)).order_by(Alert.id)))


def root(session: Session, alert: Alert) -> Alert:
    """The first alert of a thread."""
    return session.get_one(Alert, alert.thread_id) if alert.thread_id else alert


def active_since(session: Session, thread_id: int | None) -> datetime | None:
    """When the thread's first alert was approved; None when there is none yet."""
    return session.scalar(select(Alert.approved_at).where(Alert.id == thread_id)) if thread_id else None


def went_out(alert: Alert) -> bool:
    """Whether it is on its way, or was before it was ended."""
    return alert.state in ON_ITS_WAY or alert.first_sent_at is not None


def _named(session: Session, organisation_id: int, public_id: uuid.UUID) -> Alert | None:
    return session.scalar(
        select(Alert).where(Alert.organisation_id == organisation_id, Alert.public_id == public_id)
    )


def _latest(session: Session, organisation_id: int, intake: AlertIntake, but: int | None) -> Alert | None:
    return session.scalar(
        select(Alert)
        .where(
            Alert.organisation_id == organisation_id,
            Alert.exercise.is_(intake.exercise),
            Alert.id.is_distinct_from(but),
            or_(Alert.state.in_(ON_ITS_WAY), Alert.first_sent_at.is_not(None)),
            Alert.area["countries"].has_any(array(intake.audience.countries)),
        )
        .order_by(Alert.approved_at.desc())
        .limit(1)
    )
