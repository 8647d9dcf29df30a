"""What the leading dispatcher does, each duty one short piece of work that may fail without harm to the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.delivery.closing import close_batches
from alerts.delivery.following import follow_up
from alerts.delivery.planning import BATCH_SIZE, plan_chunk
from alerts.delivery.receipts import apply_receipts
from alerts.lifecycle.dispatching import (
    due_to_plan,
    expire_due,
    finish_sent,
    mark_planned,
    mark_sending,
)
from alerts.reports import keeping as reports
from alerts.responses.telling import recount
from registry.organisations.scope import everywhere
from workers.blame import Blame
from workers.breaker import now_open
from workers.broker import Broker
from workers.lanes import DELIVERIES, IS_URGENT, READY, URGENT
from workers.rates import learn_rates

WINDOW = 32
"""Batches of a lane published and not yet claimed, at most: a longer queue only makes a pause or a loss costlier."""
IGNORED_AFTER = 3.0
"""Seconds after which a published batch that nobody claimed is delivered by the dispatcher itself."""

_LANES = text(f"""
    SELECT {IS_URGENT} AS urgent, array_agg(DISTINCT b.channel) AS channels,
           count(b.published_at) AS waiting, count(*) - count(b.published_at) AS due
    {READY} GROUP BY 1 ORDER BY 1 DESC
""")

_PUBLISH = text(f"""
    UPDATE batches SET published_at = now()
    WHERE id IN (SELECT b.id {READY} AND b.published_at IS NULL AND ({IS_URGENT}) = :urgent
                 ORDER BY b.attempts, b.id LIMIT :limit FOR UPDATE OF b SKIP LOCKED)
    RETURNING id
""")

_IGNORED = text(f"""
    SELECT b.id {READY} AND (:now OR b.published_at < now() - make_interval(secs => :seconds))
    ORDER BY {IS_URGENT} DESC, b.attempts, b.id LIMIT 1
""")

_BEING_SENT = text("SELECT count(*) FROM alerts WHERE state IN ('approved', 'sending')")


Providers = Mapping[str, Sequence[str]]
"""The names of each channel's providers, in their order."""


def _resting(session: Session, providers: Providers) -> list[str]:
    """Channels of which every provider's breaker is open."""
    closed = now_open(session)
    return [channel for channel, names in providers.items() if closed.issuperset(names)]


def plan(batch_size: int = BATCH_SIZE) -> int:
    """Cut approved alerts into batches, a stretch of each; return how many contact points were planned.

    Each alert has a transaction of its own: one that can't be planned keeps none of the others from leaving. Raises
    what went wrong with it once they are planned.
    """
    with everywhere() as session:
        due = [alert.id for alert in due_to_plan(session)]
    total, faults = 0, []
    for number in due:
        try:
            total += _plan_one(number, batch_size)
        except Exception as error:
            faults.append(error)
    if faults:
        raise faults[0]
    return total


def _plan_one(number: int, batch_size: int) -> int:
    with everywhere() as session:
        count = 0
        for alert in due_to_plan(session, number):
            count = plan_chunk(session, alert, batch_size)
            if count:
                mark_sending(session, alert)
            else:
                mark_planned(session, alert)
        return count


def publish(broker: Broker, providers: Providers) -> int:
    """Publish tasks for due batches, keeping the queues short; return how many.

    While urgent batches wait to be claimed, no others are published for their channel.
    """
    if not broker.is_up:
        return 0
    published: list[tuple[str, list[int]]] = []
    with everywhere() as session:
        resting = _resting(session, providers)
        for lane in session.execute(_LANES, {"resting": resting}).all():
            room = WINDOW - lane.waiting
            if lane.due and room > 0:
                where = {"resting": resting, "urgent": lane.urgent, "limit": room}
                queue = URGENT if lane.urgent else DELIVERIES
                published.append((queue, list(session.scalars(_PUBLISH, where))))
            if lane.urgent:
                resting = resting + lane.channels
    for queue, batches in published:  # after the commit: no task is quicker than its row
        broker.deliver(batches, queue)
    return sum(len(batches) for _, batches in published)


def ignored_batch(broker: Broker, providers: Providers) -> int | None:
    """A due batch that no worker takes: at once when the broker is down, else some seconds after it was published."""
    with everywhere() as session:
        where = {"resting": _resting(session, providers), "now": not broker.is_up, "seconds": IGNORED_AFTER}
        found: int | None = session.scalar(_IGNORED, where)
        return found


def receipts(blame: Blame) -> int:
    """Apply receipts that came in, and hear what they say of providers; return how many."""
    with everywhere() as session:
        applied = apply_receipts(session)
        blame.hear(session, applied.words)
        return applied.count


def follow() -> int:
    """Add the next contact points of people whom an alert has not reached; return how many."""
    with everywhere() as session:
        return follow_up(session)


def finish(providers: Providers) -> int:
    """End alerts: those whose time is over, the batches of those that were ended, those that are wholly sent."""
    with everywhere() as session:
        sent = finish_sent(session)
        if sent:
            learn_rates(session, {channel: names[0] for channel, names in providers.items()})
        return expire_due(session) + close_batches(session) + sent


def being_sent() -> int:
    """How many alerts are on their way: while there are any, the dispatcher looks often."""
    with everywhere() as session:
        return session.scalar(_BEING_SENT) or 0


def tell() -> int:
    """Count the people of large alerts, for the pages."""
    with everywhere() as session:
        told = recount(session)
    with everywhere() as session:
        return told + reports.recount(session)
