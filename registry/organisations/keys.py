"""Keys by which programs act for an officer."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from registry.crypto import digest
from registry.database import get_published, unscoped
from registry.errors import Invalid
from registry.organisations.models import ApiKey, Officer, Role, Scope

PREFIX = "rck_"
"""So that scanners for leaked secrets can know one."""
ALLOWED = {
    Role.REGISTRAR: {Scope.PEOPLE_READ, Scope.PEOPLE_WRITE},
    Role.AUTHOR: {Scope.ALERTS_WRITE},
    Role.APPROVER: {Scope.ALERTS_WRITE, Scope.ALERTS_APPROVE},
    Role.CASE_WORKER: {Scope.PEOPLE_READ, Scope.CASES_READ, Scope.CASES_WRITE},
    Role.AUDITOR: {Scope.AUDIT_READ},
    Role.ADMINISTRATOR: {Scope.AUDIT_READ},
}
"""What an officer's roles let a key of theirs do, as they let the officer on the console; all may read alerts."""


def allowed(roles: Iterable[str]) -> set[Scope]:
    """The scopes that a key of an officer with these roles may be given."""
    return {Scope.ALERTS_READ}.union(*(ALLOWED[Role(role)] for role in roles))


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


def find_ended(session: Session, secret: str) -> ApiKey | None:
    """The key that had this secret, with its officer; also a live one."""
    query = select(ApiKey).options(joinedload(ApiKey.officer)).where(ApiKey.digest == digest(secret))
    return session.scalar(query)


def note_use(key: ApiKey) -> None:
    """Keep when it was last used, to the minute: a write on each call would make every reader a writer.

    In a transaction of its own, or two calls by one key would wait for each other.
    """
    now = datetime.now(UTC)
    if key.used_at is None or now - key.used_at > timedelta(minutes=1):
        with unscoped() as session:
            session.execute(update(ApiKey).where(ApiKey.id == key.id).values(used_at=func.now()))


def list_keys(
    session: Session, organisation_id: int, before: int | None = None, limit: int = 50
) -> list[ApiKey]:
    """Keys of an organisation with their officers, live and ended, the newest first, those below number `before`."""
    query = (
        select(ApiKey).options(joinedload(ApiKey.officer)).where(ApiKey.organisation_id == organisation_id)
    )
    if before is not None:
        query = query.where(ApiKey.id < before)
    return list(session.scalars(query.order_by(ApiKey.id.desc()).limit(limit)))


def live_keys_of(session: Session, officer: Officer, limit: int = 50) -> list[ApiKey]:
    """Keys that act for an officer, the newest first."""
    query = select(ApiKey).where(ApiKey.officer_id == officer.id, ApiKey.revoked_at.is_(None))
    return list(session.scalars(query.order_by(ApiKey.id.desc()).limit(limit)))


def get_key(session: Session, organisation_id: int, public_id: uuid.UUID) -> ApiKey:
    """By public id. Raises NotFound also for a key of another organisation."""
    return get_published(session, ApiKey, public_id, ApiKey.organisation_id == organisation_id)


def take_scopes(session: Session, officer: Officer, lost: Iterable[Scope]) -> None:
    """Take these scopes from every key that acts for an officer, for good; a key that is left none is ended."""
    gone = {scope.value for scope in lost}
    for key in session.scalars(
        select(ApiKey).where(ApiKey.officer_id == officer.id, ApiKey.revoked_at.is_(None)).with_for_update()
    ):
        kept = [scope for scope in key.scopes if scope not in gone]
        if kept:
            key.scopes = kept
        else:
            key.revoked_at = func.now()
    session.flush()


def revoke_all(session: Session, officer: Officer) -> int:
    """End every key that acts for an officer; how many there were."""
    live = (ApiKey.officer_id == officer.id, ApiKey.revoked_at.is_(None))
    ended = update(ApiKey).where(*live).values(revoked_at=func.now()).returning(ApiKey.id)
    return len(session.scalars(ended).all())
