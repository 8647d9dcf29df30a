"""Secret links: to a person's own page, and to stop messages to one contact point."""

from __future__ import annotations

import base64
import binascii
import secrets
import struct
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from registry.crypto import digest, sign, signed_matches
from registry.people.models import Person, PersonLink

LIFETIME = timedelta(days=365)
IDS = struct.Struct(">QQ")
PURPOSE = "unsubscribe"


def new_link(session: Session, person: Person) -> str:
    """Make a personal link and return its token, 32 characters; only its digest is kept."""
    token = secrets.token_urlsafe(24)
    session.add(
        PersonLink(
            digest=digest(token),
            organisation_id=person.organisation_id,
            person_id=person.id,
            expires_at=func.now() + LIFETIME,
        )
    )
    session.flush()
    return token


def open_link(session: Session, token: str) -> tuple[int, int] | None:
    """(organisation id, person id) of a personal link that is neither expired nor ended. Needs no scope."""
    row = session.execute(
        select(PersonLink.organisation_id, PersonLink.person_id).where(
            PersonLink.digest == digest(token),
            PersonLink.expires_at > func.now(),
        )
    ).first()
    return (row.organisation_id, row.person_id) if row else None


def end_links(session: Session, person: Person) -> None:
    """No link made until now opens the person's page any more."""
    session.execute(delete(PersonLink).where(PersonLink.person_id == person.id))


def unsubscribe_token(signing_key: bytes, organisation_id: int, contact_point_id: int) -> str:
    """A token by which messages to one contact point can be stopped: 38 characters, kept nowhere."""
    payload = IDS.pack(organisation_id, contact_point_id)
    return base64.urlsafe_b64encode(payload + sign(signing_key, PURPOSE, payload)).rstrip(b"=").decode()


def read_unsubscribe_token(signing_key: bytes, token: str) -> tuple[int, int] | None:
    """(organisation id, contact point id), or None for a token that isn't ours."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    payload, tag = raw[: IDS.size], raw[IDS.size :]
    if len(payload) != IDS.size or not signed_matches(signing_key, PURPOSE, payload, tag):
        return None
    organisation_id, contact_point_id = IDS.unpack(payload)
    return organisation_id, contact_point_id
