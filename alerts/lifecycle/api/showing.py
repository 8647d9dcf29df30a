"""An alert's row as the API shows it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.audience import preview
from alerts.audience.services import criteria, reached
from alerts.delivery.tally import tally
from alerts.lifecycle import models
from alerts.lifecycle.api import schemas
from alerts.lifecycle.snapshots import audience_of
from alerts.lifecycle.threads import active_since

Roots = Mapping[int, uuid.UUID]


def roots(session: Session, alerts: Iterable[models.Alert]) -> Roots:
    """The public ids of the first alerts of these alerts' threads."""
    ids = {alert.thread_id for alert in alerts if alert.thread_id}
    rows = session.execute(select(models.Alert.id, models.Alert.public_id).where(models.Alert.id.in_(ids)))
    return {row.id: row.public_id for row in rows}


def whole(session: Session, alert: models.Alert) -> schemas.Alert:
    """Everything about an alert, and how far it has come."""
    return schemas.Alert(
        **_common(alert, roots(session, [alert])),
        filters=alert.filters,
        texts=alert.texts,
        audience=_audience(session, alert),
        tally=tally(session, alert),
    )


def summary(alert: models.Alert, known: Roots) -> schemas.AlertSummary:
    """What a list shows of an alert."""
    return schemas.AlertSummary(**_common(alert, known))


def _common(alert: models.Alert, known: Roots) -> dict[str, Any]:
    fields = schemas.AlertSummary.model_fields.keys() - {"id", "area", "author", "approver", "follows"}
    return {
        **{name: getattr(alert, name) for name in fields},
        "id": alert.public_id,
        "area": schemas.Area(**{"subdivisions": [], **alert.area}),
        "author": alert.author.email,
        "approver": alert.approver.email if alert.approver else None,
        "follows": known[alert.thread_id] if alert.thread_id else None,
    }


def _audience(session: Session, alert: models.Alert) -> int:
    if alert.snapshot is not None:
        return int(alert.snapshot["audience"])
    audience = audience_of(alert)
    who = criteria(session, audience, active_since(session, alert.thread_id))
    return reached(session, alert.organisation_id, audience, who)


def previewed(found: preview.Preview) -> schemas.Preview:
    """A preview's counts."""
    every = dict.fromkeys(state for states in found.by_state.values() for state in states)
    silent = [state for state in every if state not in {"reached", "quiet"}]
    return schemas.Preview(
        audience=found.total,
        people=found.people,
        by_channel={channel: states["reached"] for channel, states in found.by_state.items()},
        by_language=found.by_language,
        by_state=found.by_state,
        suppressed={
            state: sum(states.get(state, 0) for states in found.by_state.values()) for state in silent
        },
        unplaced=found.unplaced,
        missing=[schemas.Missing.model_validate(item, from_attributes=True) for item in found.missing],
        sms=[
            schemas.SmsText(
                language=text.language,
                contact_points=text.contact_points,
                text=text.text,
                encoding=text.measure.encoding,
                units=text.measure.units,
                segments=text.measure.segments,
                culprits=[culprit.char for culprit in text.measure.culprits],
            )
            for text in found.sms
        ],
        segments=found.segments,
        cost=found.cost,
        currency=found.currency,
        waiting=found.waiting,
        duration=found.seconds,
    )
