"""Who calls: a key, its officer, and what it allows."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from registry.api.problems import Refused
from registry.audit.services import Actor
from registry.organisations.keys import find_key, note_use
from registry.organisations.models import ApiKey, Officer, Scope
from registry.organisations.services import actor_of
from registry.people.vault import Vault

CHALLENGE = 'Bearer realm="rollcall"'


@dataclass(frozen=True, slots=True)
class Call:
    """One call by a known officer, in a transaction that sees their organisation only."""

    session: Session
    vault: Vault
    officer: Officer

    @property
    def actor(self) -> Actor:
        """The officer in the audit's words."""
        return actor_of(self.officer)


def secret_of_request() -> str:
    """The secret that the request brings. Raises Refused without one (RFC 6750 §3)."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise Refused(401, headers={"WWW-Authenticate": CHALLENGE})
    return secret.strip()


def authenticate(session: Session, secret: str, any_of: tuple[Scope, ...]) -> ApiKey:
    """The key of this secret. Raises Refused when it isn't a live one, or has none of the scopes."""
    key = find_key(session, secret)
    if key is None:
        raise Refused(
            401,
            "invalid_key",
            "This key is not known, or no longer valid.",
            {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'},
        )
    note_use(key)
    if not any(scope.value in key.scopes for scope in any_of):
        needed = " or ".join(any_of)
        challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{any_of[0]}"'
        raise Refused(403, "scope", f"This key lacks the scope {needed}.", {"WWW-Authenticate": challenge})
    return key
