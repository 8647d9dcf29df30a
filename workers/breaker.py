"""One breaker for each provider, shared by all workers through the database.

It opens when a provider refuses us rather than a message: wrong credentials, no credit; at once, or in its receipts
of what it took. Where it refuses one country
only, a breaker of that country opens, and the others go on. Rows stay pending meanwhile, and none of them fails.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=5)
MEMORY = timedelta(hours=1)
"""After so long without a refusal the next one counts as the first: a country's breaker is not closed by a success."""

_OPEN = text("""
    INSERT INTO providers (name, failures, reason, open_until)
    VALUES (:name, 1, :reason, now() + :first)
    ON CONFLICT (name) DO UPDATE SET
        failures = CASE WHEN providers.open_until > now() THEN providers.failures
                        WHEN providers.open_until > now() - :memory THEN providers.failures + 1 ELSE 1 END,
        reason = excluded.reason,
        open_until = CASE WHEN providers.open_until > now() THEN providers.open_until
                          WHEN providers.open_until > now() - :memory
                          THEN now() + least(:longest, :first * power(2, least(providers.failures, 10)))
                          ELSE now() + :first END
""")

_NOW_OPEN = text("SELECT name FROM providers WHERE open_until > now()")

_HOLD = text(
    "UPDATE providers SET open_until = greatest(open_until, now() + :pause) WHERE name = :name AND open_until > now()"
)

_CLOSE = text(
    "UPDATE providers SET failures = 0, reason = NULL, open_until = NULL"
    " WHERE name = :name AND failures > 0 AND open_until <= now()"
)


def open_breaker(session: Session, provider: str, reason: str, first: timedelta = FIRST_PAUSE) -> None:
    """Hand nothing more to this provider for a while: 15 s, doubled each time it happens again, up to 5 minutes.

    "provider/country" names a breaker for numbers of one country alone. `first` is another time to begin with.
    """
    session.execute(
        _OPEN,
        {"name": provider, "reason": reason[:200], "first": first, "longest": LONGEST_PAUSE}
        | {"memory": MEMORY},
    )


def now_open(session: Session) -> set[str]:
    """The names of all breakers that are open: providers to which nothing may be handed now, or "provider/country"."""
    return set(session.scalars(_NOW_OPEN))


def hold_breaker(session: Session, provider: str, pause: timedelta) -> None:
    """Keep a breaker that is still open so for this time at least."""
    session.execute(_HOLD, {"name": provider, "pause": pause})


def close_breaker(session: Session, provider: str) -> None:
    """The provider took a message: all is well, unless its breaker opened since that was handed over."""
    session.execute(_CLOSE, {"name": provider})
