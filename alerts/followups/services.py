"""What follows an alert without being written: asking the silent again, and saying that there is no news.

Each is an alert of the same thread, with sentences that were approved with the first; the delivery engine sends it like
any other. A round of asking exists once, whoever asks for it. The session is scoped to the organisation.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from alerts.audience.counting import count
from alerts.audience.criteria import Criteria
from alerts.lifecycle.clock import now
from alerts.lifecycle.models import Alert, AlertState, AlertType, Standing
from alerts.lifecycle.snapshots import digest
from alerts.lifecycle.threads import went_out
from alerts.messages.services import frame
from registry.audit.services import Actor, record
from registry.errors import Conflict
from registry.people.models import ChannelName

ROUNDS = (Standing.ASK_AGAIN, Standing.NEXT_CONTACT)
"""First whoever was reached and is silent, then by those of their contact points that the alert did not use."""
ASK_AFTER = (30, 60, 120, 360, 720)
"""Minutes of silence to choose from."""
ASKED_FOR = timedelta(hours=12)
"""For which a question is worth sending."""
PAUSE = timedelta(minutes=5)
"""Within which a second "no news yet" is taken for a slip of the finger."""


def next_round(session: Session, alert: Alert) -> Standing | None:
    """The round of asking that comes next; None after the last."""
    done = set(session.scalars(select(Alert.standing).where(Alert.about_id == alert.id)))
    return next((one for one in ROUNDS if one not in done), None)


def ask_again(session: Session, actor: Actor, alert: Alert, wanted: Standing | None = None) -> Alert:
    """Ask exactly those who were reached and have not answered; `wanted` is the round, else the next.

    Raises Conflict "over", "not_standing", "asked".
    """
    _lock(session, alert)
    _check(session, alert)
    step = next_round(session, alert)
    if step is None or wanted not in (None, step):
        raise Conflict("asked", "The silent have been asked already, by every contact point that we know of.")
    who = _criteria(alert)
    if step is Standing.ASK_AGAIN:
        who, channels = replace(who, reached_by=(alert.id,), silent_of=(alert.id,)), alert.channels
    else:
        asked = session.scalars(select(Alert.id).where(Alert.about_id == alert.id)).all()
        who = replace(
            who, reached_by=(), people_of=(alert.id,), untried=(alert.id, *asked), silent_of=(alert.id,)
        )
        channels = [channel.value for channel in ChannelName]
    return _send(session, actor, alert, step, "ask", who, list(channels))


def ask_kin(session: Session, actor: Actor, alert: Alert) -> None:
    """Begin the last step: whom those still silent have named is asked. The dispatcher does it, some at a time.

    Raises Conflict "over", "not_standing", "exercise", and "asked" when it is not, or no longer, the time for that.
    """
    _lock(session, alert)
    _check(session, alert)
    if alert.exercise:
        raise Conflict(
            "exercise", "Emergency contacts are not asked in an exercise: they would be frightened."
        )
    if alert.kin_asked_at is not None or next_round(session, alert) is not None:
        raise Conflict("asked", "The silent have been asked already, by every contact point that we know of.")
    alert.kin_asked_at = now(session)
    session.flush()
    record(session, actor, "alert.ask_kin", alert.public_id)


def ask_next(session: Session, actor: Actor, alert: Alert) -> None:
    """Whichever step of asking after the silent comes next. Raises as the steps do."""
    if next_round(session, alert) is not None:
        ask_again(session, actor, alert)
    else:
        ask_kin(session, actor, alert)


def no_news(session: Session, actor: Actor, alert: Alert, next_update_at: datetime) -> Alert:
    """Tell exactly those whom this thread has reached that there is no news yet, and when they will hear more.

    Raises Conflict "over", "not_standing", "late", "just_said".
    """
    _lock(session, alert)
    _check(session, alert)
    if next_update_at > alert.expires_at:
        raise Conflict("late", "The alert ends before that: choose an earlier time, or send an update.")
    root = alert.thread_id or alert.id
    in_thread = (Alert.id == root) | (Alert.thread_id == root)
    said = select(Alert.id).where(
        in_thread, Alert.standing == Standing.NO_NEWS, Alert.approved_at > func.now() - PAUSE
    )
    if session.scalar(said.limit(1)):
        raise Conflict("just_said", "They were told so a moment ago.")
    told = session.scalars(
        select(Alert.id).where(in_thread, Alert.standing.is_(None), Alert.first_sent_at.is_not(None))
    ).all()
    who = replace(_criteria(alert), reached_by=tuple(told))
    return _send(
        session, actor, alert, Standing.NO_NEWS, "no_news", who, list(alert.channels), next_update_at
    )


def set_ask_again(session: Session, actor: Actor, alert: Alert, minutes: int | None) -> None:
    """After how many minutes the silent are asked again by themselves, round by round; None: not."""
    _lock(session, alert)
    _check(session, alert)
    alert.ask_again_after = minutes
    session.flush()
    record(session, actor, "alert.ask_again_after", alert.public_id, {"minutes": minutes})


def can_follow(alert: Alert) -> bool:
    """Whether sentences that were approved with it may still be sent, as far as its row tells."""
    return (
        bool((alert.snapshot or {}).get("standing"))
        and alert.standing is None
        and went_out(alert)
        and alert.state in (AlertState.SENDING, AlertState.SENT)
        and alert.type in (AlertType.ALERT, AlertType.UPDATE)
    )


def _check(session: Session, alert: Alert) -> None:
    if not can_follow(alert):
        raise Conflict("not_standing", "Nothing can follow this alert by one press: write an update instead.")
    if alert.expires_at <= now(session):
        raise Conflict("over", "The time until which this alert holds has passed.")


def _lock(session: Session, alert: Alert) -> None:
    session.refresh(alert, with_for_update={"key_share": True})


def _criteria(alert: Alert) -> Criteria:
    assert alert.snapshot is not None
    return Criteria.of_snapshot(alert.snapshot)


def _send(
    session: Session,
    actor: Actor,
    alert: Alert,
    kind: Standing,
    sentence: str,
    who: Criteria,
    channels: list[str],
    next_update_at: datetime | None = None,
) -> Alert:
    assert alert.snapshot is not None
    moment = now(session)
    until = alert.expires_at if kind is Standing.NO_NEWS else min(alert.expires_at, moment + ASKED_FOR)
    texts: dict[str, dict[str, str]] = alert.snapshot["standing"][sentence]
    cells = count(session, alert.organisation_id, who)
    audience = sum(cell.points for cell in cells if cell.state == "active" and cell.channel in channels)
    snapshot: dict[str, Any] = alert.snapshot | {
        "type": AlertType.UPDATE.value,
        "texts": texts,
        "channels": channels,
        "languages": {channel.value: list(texts) for channel in ChannelName},
        "phrases": frame(texts, AlertType.UPDATE),
        "criteria": who.as_dict(),
        "expires_at": until.isoformat(),
        "next_update_at": next_update_at.isoformat() if next_update_at else None,
        "audience": audience,
    }
    snapshot.pop("standing")
    follow = Alert(
        organisation_id=alert.organisation_id,
        thread_id=alert.thread_id or alert.id,
        about_id=alert.id,
        standing=kind,
        type=AlertType.UPDATE,
        state=AlertState.APPROVED,
        **{
            name: getattr(alert, name)
            for name in ("crisis", "level", "severity", "area", "filters", "exercise")
        },
        texts=texts,
        channels=channels,
        expires_at=until,
        next_update_at=next_update_at,
        author_id=alert.author_id,
        approver_id=alert.approver_id,
        break_glass_reason=alert.break_glass_reason,
        submitted_at=alert.submitted_at,
        approved_at=moment,
        snapshot=snapshot,
        snapshot_digest=digest(snapshot),
    )
    session.add(follow)
    session.flush()
    record(
        session,
        actor,
        f"alert.{kind.value}",
        alert.public_id,
        {"message": str(follow.public_id), "audience": audience},
    )
    session.execute(text("NOTIFY rollcall, 'alerts'"))
    return follow
