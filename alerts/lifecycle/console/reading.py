"""What the pages read beside the alert itself. Every function expects a session scoped to the organisation."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from alerts.lifecycle.models import Alert
from alerts.lifecycle.threads import ON_ITS_WAY
from registry.organisations.models import Officer, PostCountry, Role

RECENT = 50


def thread_of(session: Session, alert: Alert) -> Sequence[Alert]:
    """The alert's thread, the first one first, itself among them."""
    first = alert.thread_id or alert.id
    query = select(Alert).where(or_(Alert.id == first, Alert.thread_id == first))
    return session.scalars(query.order_by(Alert.id).limit(200)).all()


def followable(session: Session, but: Alert | None = None, *, exercise: bool = False) -> Sequence[Alert]:
    """The latest alerts that an update, an all clear or a cancel may follow: the first ones of their threads."""
    query = select(Alert).where(
        Alert.exercise.is_(exercise),
        Alert.thread_id.is_(None),
        or_(Alert.state.in_(ON_ITS_WAY), Alert.first_sent_at.is_not(None)),
    )
    if but is not None:
        query = query.where(Alert.id != but.id)
    return session.scalars(query.order_by(Alert.id.desc()).limit(RECENT)).all()


def approvers(session: Session, alert: Alert) -> Sequence[Officer]:
    """Who may approve it: by name, never its author, nor officers of a post that does not serve all of its area."""
    countries = set(alert.area["countries"])
    here = PostCountry.post_id == Officer.post_id, PostCountry.country.in_(countries)
    served = select(func.count()).select_from(PostCountry).where(*here).correlate(Officer).scalar_subquery()
    return session.scalars(
        select(Officer)
        .where(
            Officer.organisation_id == alert.organisation_id,
            Officer.active,
            Officer.roles.contains([Role.APPROVER.value]),
            Officer.id != alert.author_id,
            or_(Officer.post_id.is_(None), served == len(countries)),
        )
        .order_by(Officer.name)
        .limit(20)
    ).all()


def with_officers(session: Session, alert: Alert) -> Alert:
    """The same alert with its author and approver at hand, so that it can be shown after the transaction."""
    query = select(Alert).options(joinedload(Alert.author), joinedload(Alert.approver))
    return session.scalars(query.where(Alert.id == alert.id)).one()
