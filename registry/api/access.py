"""Who calls: a key, its officer, and what it allows."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request
from sqlalchemy.orm import Session

from registry.api.problems import Refused
from registry.audit.services import Actor
from registry.events.request import call_it, refused_to
from registry.organisations.keys import find_ended, find_key, note_use
from registry.organisations.models import ApiKey, Officer, Scope
from registry.organisations.services import actor_of
from registry.people.vault import Vault
from registry.web.platform import platform

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
    """The key of this secret. Raises Refused when it isn't a live one, has none of the scopes, or calls too fast. What
    is refused to a key is audited."""
    key = find_key(session, secret)
    if key is None:
        ended = find_ended(session, secret)
        if ended:
            refused_to(actor_of(ended.officer), "key.refused", ended.public_id, {"reason": "ended"})
        else:
            call_it("unknown_key")
        raise Refused(
            401,
            "invalid_key",
            "This key is not known, or no longer valid.",
            {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'},
        )
    _keep_pace(key)
    note_use(key)
    if not any(scope.value in key.scopes for scope in any_of):
        needed = " or ".join(any_of)
        refused_to(actor_of(key.officer), "key.refused", key.public_id, {"reason": "scope", "needs": needed})
        challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{any_of[0]}"'
        raise Refused(403, "scope", f"This key lacks the scope {needed}.", {"WWW-Authenticate": challenge})
    return key


def _keep_pace(key: ApiKey) -> None:
    """Count this request once, however often it is tried. Raises Refused for a key that calls too fast."""
    if "paced" in g:
        return
    g.paced = True
    seconds = platform().pace.wait(key.public_id)
    if seconds:
        raise Refused(429, headers={"Retry-After": str(seconds)})
