"""What of the current request is a security event."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from registry.audit.services import Actor, record
from registry.browsers.request import network_digest
from registry.crypto import sign
from registry.database import scoped, unscoped
from registry.database.session import set_scope
from registry.events.services import note
from registry.web.platform import platform

log = logging.getLogger(__name__)

KINDS = {
    400: "unreadable",
    401: "no_key",
    403: "refused",
    413: "too_large",
    414: "too_large",
    422: "invalid",
    429: "too_often",
    431: "too_large",
}
"""By the status of the answer, unless a handler says better (`call_it`)."""
OURS = ("/console", "/api/", "/webhooks/")
"""Where it is noted from which network a request came."""


def call_it(kind: str) -> None:
    """Name what this request was refused for."""
    g.security_event = kind


def refused_to(actor: Actor, action: str, subject: object, details: dict[str, Any] | None = None) -> None:
    """Say that this request was refused to an officer or a key, for the organisation's audit log. It is written after
    the request's own transactions, which a refusal undoes."""
    g.refused_to = actor, action, subject, details or {}


def note_stranger(session: Session, email: str) -> None:
    """Count a sign-in with an address that is no officer's, with as much work as writing down a known one's failure."""
    set_scope(session)
    subject = sign(platform().signing_key, "stranger", email.lower().encode())
    note(session, "stranger", request.endpoint or "", subject=subject, network=network_digest())


def install(app: Flask) -> None:
    """Count every answer that refuses."""
    app.after_request(_count)


def _count(response: Response) -> Response:
    if response.status_code < 400:
        return response
    try:
        if "refused_to" in g:
            _audit(*g.refused_to)
        elif kind := _kind(response.status_code):
            place = request.endpoint or ""
            network = network_digest() if request.path.startswith(OURS) else b""
            times = platform().damper.take((kind, place, network))
            if times:
                with unscoped() as session:
                    note(session, kind, place, network=network, times=times)
    except SQLAlchemyError:
        log.warning("a refusal at %s could not be noted", request.endpoint)
    return response


def _kind(status: int) -> str | None:
    if status == 401 and not request.path.startswith("/api/"):  # a page that was left open asks for news
        return None
    found: str | None = g.get("security_event", KINDS.get(status))
    return found


def _audit(actor: Actor, action: str, subject: object, details: dict[str, Any]) -> None:
    times = platform().damper.take((action, subject, request.endpoint))
    if times:
        more = {"times": times} if times > 1 else {}
        with scoped(actor.organisation_id) as session:
            record(session, actor, action, subject, {"route": request.endpoint, **details, **more})
