"""Signs that a person, or an officer for them, still wants to be registered."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_SEEN = text("""
    UPDATE people SET last_seen_at = now(), asked_to_stay_at = NULL, question_left = false
    WHERE id = ANY (:people) AND (asked_to_stay_at IS NOT NULL OR last_seen_at < now() - interval '1 day')
""")


def seen(session: Session, *people: int) -> None:
    """Note a sign of these people, by number. To the day: a write at each page would be for nothing."""
    if people:
        session.execute(_SEEN, {"people": list(people)})
