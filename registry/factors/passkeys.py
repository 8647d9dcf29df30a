"""Passkeys: public key credentials (WebAuthn level 3) as a second factor beside the password.

A challenge is kept with the sign-in and is good for five minutes and for one right answer (§13.4.3).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, options_to_json, parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from registry.checking import Checker
from registry.errors import Conflict, Invalid
from registry.factors.models import Passkey
from registry.organisations.models import Officer, OfficerSession

LIFE = timedelta(minutes=5)
MOST = 10
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Site:
    """For whom passkeys are made (the relying party): the host name, and the origin that browsers report."""

    host: str
    origin: str

    @classmethod
    def at(cls, base_url: str) -> Site | None:
        """The site at an address; None where there can be no passkeys: they belong to a name (§5.1.2).

        The numbers of this machine itself have a name that every browser knows: localhost.
        """
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        try:
            if not ip_address(host).is_loopback:
                return None
            host = "localhost"
        except ValueError:
            pass
        port = f":{parts.port}" if parts.port else ""
        return cls(host, f"{parts.scheme}://{host}{port}")


def of(session: Session, officer: Officer) -> list[Passkey]:
    """The officer's passkeys, oldest first."""
    query = select(Passkey).where(Passkey.officer_id == officer.id).order_by(Passkey.id)
    return list(session.scalars(query))


def ask_to_make(session: Session, site: Site, officer: Officer, live: OfficerSession) -> str:
    """What the browser needs to make a passkey, as JSON (PublicKeyCredentialCreationOptionsJSON)."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Rollcall",
        user_id=officer.public_id.bytes,
        user_name=officer.email,
        user_display_name=officer.name,
        exclude_credentials=_descriptors(of(session, officer)),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    _keep(session, live, options.challenge)
    return options_to_json(options)


def ask_to_use(session: Session, site: Site, officer: Officer, live: OfficerSession) -> str:
    """What the browser needs to use one of the officer's passkeys, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        allow_credentials=_descriptors(of(session, officer)),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    _keep(session, live, options.challenge)
    return options_to_json(options)


def add(
    session: Session, site: Site, officer: Officer, live: OfficerSession, name: str, answer: str
) -> Passkey:
    """Keep a passkey that the browser made. Raises Invalid for the field "name" or "passkey"."""
    check = Checker()
    title = check.text({"name": name}, "name", "name", 60) or "Passkey"
    check.done()
    if len(of(session, officer)) >= MOST:
        raise Invalid.one("passkey", "too_many", f"You have {MOST} passkeys already. Remove one first.")
    challenge = _challenge(session, live)
    made = _believe(
        lambda: webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    )
    known = select(Passkey.id).where(Passkey.credential_id == made.credential_id)
    if session.scalar(known) is not None:
        raise Invalid.one("passkey", "known", "This passkey is in use already.")
    passkey = Passkey(
        officer_id=officer.id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=title,
    )
    session.add(passkey)
    session.flush()
    return passkey


def check(session: Session, site: Site, officer: Officer, live: OfficerSession, answer: str) -> None:
    """Believe that the officer has one of their passkeys at hand. Raises Invalid for the field "passkey"."""
    challenge = _challenge(session, live)
    claimed = _believe(lambda: base64url_to_bytes(parse_authentication_credential_json(answer).id))
    passkey = session.scalar(
        select(Passkey)
        .where(Passkey.officer_id == officer.id, Passkey.credential_id == claimed)
        .with_for_update()
    )
    if passkey is None:
        raise Invalid.one("passkey", "unknown", "This passkey is not one of yours.")
    public_key, sign_count = passkey.public_key, passkey.sign_count
    used = _believe(
        lambda: webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
        )
    )
    passkey.sign_count = used.new_sign_count
    passkey.used_at = session.scalar(select(func.now()))


def remove(session: Session, officer: Officer) -> None:
    """Forget all of the officer's passkeys."""
    session.execute(delete(Passkey).where(Passkey.officer_id == officer.id))


def _descriptors(passkeys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in passkeys]


def _keep(session: Session, live: OfficerSession, challenge: bytes) -> None:
    stored = session.get_one(OfficerSession, live.id)
    stored.challenge, stored.challenge_at = challenge, session.scalar(select(func.now()))


def _challenge(session: Session, live: OfficerSession) -> bytes:
    """The challenge that was set, if not too long ago; once this transaction commits it is gone."""
    stored = session.get_one(OfficerSession, live.id, with_for_update=True)
    challenge, set_at = stored.challenge, stored.challenge_at
    stored.challenge = stored.challenge_at = None
    now = session.execute(select(func.now())).scalar_one()
    if challenge is None or set_at is None or now - set_at > LIFE:
        raise Invalid.one("passkey", "late", "That took too long. Try again.")
    return challenge


def _believe(read: Callable[[], Found]) -> Found:
    try:
        return read()
    except (
        Exception
    ) as error:  # whatever strange bytes make the parsers raise, the answer is not to be believed
        raise Invalid.one("passkey", "wrong", "The passkey did not work here. Try again.") from error


def find(session: Session, officer: Officer, public_id: uuid.UUID) -> Passkey:
    """One of the officer's own passkeys. Raises Conflict when it is gone."""
    passkey = session.scalar(
        select(Passkey).where(Passkey.officer_id == officer.id, Passkey.public_id == public_id)
    )
    if passkey is None:
        raise Conflict("gone", "This passkey is removed already.")
    return passkey
