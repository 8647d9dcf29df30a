"""Noting security events and reading them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from registry.events.models import SecurityEvent


def note(
    session: Session, kind: str, place: str, *, subject: bytes = b"", network: bytes = b"", times: int = 1
) -> None:
    """Count an event in the current hour. `subject` and `network` are keyed digests, never the thing itself."""
    row = insert(SecurityEvent).values(
        window_start=func.date_trunc("hour", func.now()),
        kind=kind,
        place=place,
        subject=subject,
        network=network,
        count=times,
    )
    columns = [SecurityEvent.window_start, SecurityEvent.kind, SecurityEvent.place, SecurityEvent.subject,
               SecurityEvent.network]  # fmt: skip
    session.execute(
        row.on_conflict_do_update(index_elements=columns, set_={"count": SecurityEvent.count + times})
    )


def recent(session: Session, past: timedelta, limit: int = 1000) -> list[SecurityEvent]:
    """Those of the past, the latest hour first and the most frequent first within it."""
    query = select(SecurityEvent).where(SecurityEvent.window_start > func.now() - past)
    return list(
        session.scalars(
            query.order_by(
                SecurityEvent.window_start.desc(), SecurityEvent.count.desc(), SecurityEvent.place
            ).limit(limit)
        )
    )
