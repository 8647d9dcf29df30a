"""One breaker for each provider, shared by all workers through the database.

It opens when a provider refuses us rather than a message: wrong credentials, no credit, a country not enabled. Rows
stay pending meanwhile, and none of them fails.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=5)

_OPEN = text("""
    INSERT INTO providers (name, failures, reason, open_until)
    VALUES (:name, 1, :reason, now() + :first)
    ON CONFLICT (name) DO UPDATE SET
        failures = CASE WHEN providers.open_until > now() THEN providers.failures ELSE providers.failures + 1 END,
        reason = excluded.reason,
        open_until = CASE WHEN providers.open_until > now() THEN providers.open_until
                          ELSE now() + least(:longest, :first * power(2, least(providers.failures, 10))) END
""")

_IS_OPEN = text("SELECT open_until > now() FROM providers WHERE name = :name")

_CLOSE = text(
    "UPDATE providers SET failures = 0, reason = NULL, open_until = NULL WHERE name = :name AND failures > 0"
)


def open_breaker(session: Session, provider: str, reason: str) -> None:
    """Hand nothing more to this provider for a while: 15 s, doubled each time it happens again, up to 5 minutes."""
    session.execute(
        _OPEN,
        {"name": provider, "reason": reason[:200], "first": FIRST_PAUSE, "longest": LONGEST_PAUSE},
    )


def is_open(session: Session, provider: str) -> bool:
    """Whether nothing may be handed to this provider now."""
    return bool(session.scalar(_IS_OPEN, {"name": provider}))


def close_breaker(session: Session, provider: str) -> None:
    """The provider took a message: all is well."""
    session.execute(_CLOSE, {"name": provider})
