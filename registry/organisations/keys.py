"""Keys by which programs act for an officer."""

from __future__ import annotations

import secrets

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from registry.crypto import digest
from registry.errors import Invalid
from registry.organisations.models import ApiKey, Officer, Scope

PREFIX = "rck_"
"""So that scanners for leaked secrets can know one."""


def parse_scopes(words: list[str]) -> list[Scope]:
    """Scopes from words. Raises Invalid."""
    wanted = [word.strip().lower() for word in words if word.strip()]
    for word in wanted:
        if word not in list(Scope):
            raise Invalid.one("scopes", "unknown", f"{word!r} is not one of {', '.join(Scope)}")
    scopes = [Scope(word) for word in wanted]
    if not scopes:
        raise Invalid.one("scopes", "required", f"name at least one of {', '.join(Scope)}")
    return list(dict.fromkeys(scopes))


def add_key(session: Session, officer: Officer, scopes: list[Scope]) -> str:
    """Make a key and return it; only its digest is kept."""
    secret = PREFIX + secrets.token_urlsafe(32)
    session.add(
        ApiKey(
            organisation_id=officer.organisation_id,
            officer=officer,
            digest=digest(secret),
            scopes=[scope.value for scope in scopes],
        )
    )
    session.flush()
    return secret


def find_key(session: Session, secret: str) -> ApiKey | None:
    """The live key with this secret, with its officer and organisation; None also for an inactive officer."""
    return session.scalar(
        select(ApiKey)
        .join(ApiKey.officer)
        .options(joinedload(ApiKey.officer).joinedload(Officer.organisation))
        .where(ApiKey.digest == digest(secret), ApiKey.revoked_at.is_(None), Officer.active)
    )


def note_use(session: Session, key: ApiKey) -> None:
    """Keep when it was last used, to the minute: a write on each call would make every reader a writer."""
    now = session.scalar(select(func.now()))
    if now is not None and (key.used_at is None or (now - key.used_at).total_seconds() > 60):
        key.used_at = now
