"""Keeping to what a sender really carries, across all workers.

A generic cell rate algorithm (ITU-T I.371) with its one number in the database: whoever sends first reserves the time
that it takes, and gets the moment from which it may send.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_RESERVE = text("""
    INSERT INTO providers (name, failures, free_at) VALUES (:name, 0, now() + make_interval(secs => :length))
    ON CONFLICT (name) DO UPDATE SET
        free_at = greatest(coalesce(providers.free_at, now()), now()) + make_interval(secs => :length)
    RETURNING greatest(extract(epoch FROM free_at - now()) - :length, 0)
""")


def reserve(session: Session, provider: str, units: int, rate: float) -> float:
    """Reserve `units` at `rate` units a second and return the seconds to wait before sending them."""
    wait = session.scalar(_RESERVE, {"name": provider, "length": units / rate})
    return float(wait or 0.0)


def chunk_size(rate: float | None) -> int | None:
    """How many messages to reserve at a time: about half a second's worth. None: no pace to keep."""
    return None if rate is None else max(1, int(rate / 2))
