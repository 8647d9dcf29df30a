"""Sending canaries off, noting their return, and telling which is late. Every function takes any session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

DISPATCHER = "dispatcher"
LATE = timedelta(seconds=60)

_OFF = text("""
    INSERT INTO canaries (name, waiting_since) SELECT name, now() FROM unnest(CAST(:names AS text[])) AS q (name)
    ON CONFLICT (name) DO UPDATE SET waiting_since = coalesce(canaries.waiting_since, now())
""")

_SEEN = text("""
    INSERT INTO canaries (name, seen_at) VALUES (:name, now())
    ON CONFLICT (name) DO UPDATE SET seen_at = now(), waiting_since = NULL, told_at = NULL
""")

_LATE = """
    (waiting_since < now() - :late OR (name = 'dispatcher' AND seen_at < now() - :late))
    AND NOT (name <> 'dispatcher' AND EXISTS (SELECT FROM batches WHERE lease_until > now()))
"""
"""While batches are in hands, a queue may well wait for them: somebody works."""

_WHICH = text(f"SELECT name FROM canaries WHERE {_LATE} ORDER BY name")

_TELL = text(f"""
    UPDATE canaries SET told_at = now() WHERE told_at IS NULL AND name <> 'dispatcher' AND {_LATE} RETURNING name
""")

_AGES = text("""
    SELECT name, extract(epoch FROM now() - CASE WHEN name = 'dispatcher' THEN seen_at ELSE waiting_since END)
    FROM canaries
""")


def send_off(session: Session, queues: Iterable[str]) -> None:
    """Note that a canary goes through each of these queues. One that has not come back stays under way."""
    session.execute(_OFF, {"names": list(queues)})


def seen(session: Session, name: str) -> None:
    """A canary has come through."""
    session.execute(_SEEN, {"name": name})


def late(session: Session) -> list[str]:
    """The queues, or the dispatcher, that nobody seems to work at; in a session that sees every organisation."""
    return list(session.scalars(_WHICH, {"late": LATE}))


def late_untold(session: Session) -> list[str]:
    """Queues that are late and of which nobody was told yet; from now on they are told."""
    return list(session.scalars(_TELL, {"late": LATE}))


def ages(session: Session) -> dict[str, float]:
    """By name the seconds for which a canary has been under way, or for which the dispatcher was not seen."""
    return {name: float(age or 0) for name, age in session.execute(_AGES)}
